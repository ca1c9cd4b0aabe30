"""Which kinds of channels there are. A channel, and what it needs, is imported when it is used."""

import importlib
from collections.abc import Mapping

from connectors.base import Clock
from minuteloop.channels.base import Channel
from minuteloop.config_models import AnyChannel
from minuteloop.secrets import Secret

REGISTRY: Mapping[str, str] = {
    "dingtalk": "minuteloop.channels.dingtalk:Dingtalk",
    "wecom": "minuteloop.channels.wecom:Wecom",
    "feishu": "minuteloop.channels.feishu:Feishu",
    "smtp": "minuteloop.channels.smtp:Smtp",
    "apprise": "minuteloop.channels.apprise:Apprise",
}
_NOT_THE_CHANNEL_S = frozenset({"kind", "sends"})


def load(config: AnyChannel, clock: Clock) -> Channel:
    """Return the channel that a table of a team file describes.

    Args:
        config: one of the kinds of ``REGISTRY``; KeyError for another.
        clock: the machine's time.
    """
    options = {
        key: value.reveal() if isinstance(value, Secret) else value
        for key, value in config
        if key not in _NOT_THE_CHANNEL_S
    }
    module, _, name = REGISTRY[config.kind].partition(":")
    channel: Channel = getattr(importlib.import_module(module), name)(**options, clock=clock)
    return channel
