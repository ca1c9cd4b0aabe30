"""What a channel says of a message that was not taken, in words of what to do. Pure."""

from mapping.said import Said
from minuteloop.channels.base import ChannelError
from minuteloop.channels.wording import SIGNATURE

KEYWORD = Said(
    f"消息里没有机器人要求的关键词：请在机器人的安全设置里把关键词设为 {SIGNATURE}，或改用签名",
    f"the robot wants a keyword - let it be {SIGNATURE} in its security settings, or let it sign",
)
SIGN = Said(
    "签名不对：请核对 secret 与机器人安全设置里的密钥，以及本机的时间",
    "the signature is wrong - compare secret with the robot's security settings, and check this"
    " machine's clock",
)
UNSIGNED = Said(
    "机器人要求签名：请把安全设置里的密钥写到 secret",
    "the robot wants a signature - put the secret of its security settings into secret",
)
MACHINE = Said(
    "机器人不接受本机的 IP 地址：请在机器人的安全设置里加上它",
    "the robot takes nothing from this machine's address - add it in its security settings",
)
GONE = Said(
    "机器人不存在、已停用或已移出群，或者地址不对：请核对 url，必要时重新添加机器人",
    "there is no such robot: it was removed or stopped, or the address is wrong - check url, or"
    " add the robot to the group again",
)
FAST = Said("发送太快，稍后会再发", "too many messages in a short time, it goes later")
QUOTA = Said(
    "本企业的调用次数已用完：请等到下个周期，或升级套餐",
    "the company's calls are used up - wait for the next period, or take a larger plan",
)
BUSY = Said("服务繁忙，稍后会再发", "the service is busy, it goes later")
CONTENT = Said(
    "服务不接受消息里的内容或链接：请检查行动项的文字",
    "the service does not take the words or links in it - look at the texts of the items",
)
MALFORMED = Said(
    "服务认为消息格式不对：这是程序的缺陷，请报告",
    "the service finds the message malformed - this is a fault of the program, report it",
)
OTHER = Said("服务拒绝了消息", "the service refused the message")


def refused(
    service: Said,
    fault: Said,
    detail: str = "",
    *,
    retry_after_s: float | None = None,
    left: bool = False,
    alone: bool = False,
) -> ChannelError:
    """Return the error of a message that a service refused.

    Args:
        service: its name.
        fault: what is wrong and what to do.
        detail: the service's own words, short and without secrets.
        retry_after_s: how long it wants to be left alone.
        left: it may have been taken all the same.
        alone: others may be taken.
    """
    said = Said(
        f"{service.zh}：{fault.zh}{f'（{detail}）' if detail else ''}",
        f"{service.en}: {fault.en}{f' ({detail})' if detail else ''}",
    )
    alone = alone or fault is CONTENT
    return ChannelError(said, retry_after_s=retry_after_s, left=left, alone=alone)


def too_long(service: Said, size: int, limit: int) -> ChannelError:
    """Return the error of a message that is too long to be sent."""
    fault = Said(
        f"消息太长：{size} 字节，最多 {limit}",
        f"the message is too long: {size} bytes of {limit}",
    )
    return refused(service, fault, alone=True)
