"""Due days: what is read, and above all what is refused (parsing: the costly error is a wrong day)."""

import time
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import settings as bounded
from hypothesis import strategies as st

from minuteloop.workdays import load
from minutes import dates
from minutes.dates import Order, order_of, parse, search

CN = load("CN")
MONDAY = date(2024, 5, 20)

# Read on Monday, 20 May 2024: the day -> the ways to write it.
DAYS = {
    "2023-12-31": "去年12月31日|2023年12月31日",
    "2024-02-29": "2024年2月29日|Feb 29, 2024",
    "2024-03-25": "3月25日",
    "2024-03-31": "1季度末|一季度末",
    "2024-04-30": "4月30日",
    "2024-05-06": "5月6",
    "2024-05-15": "上周三",
    "2024-05-17": "last Friday",
    "2024-05-18": "前天",
    "2024-05-19": "yesterday",
    "2024-05-20": (
        "20日前|今天|今日内|今天下班前|下班前|今晚|今晚8点前|today|Today EOD|by end of today|"
        "by end of day|end of the day|close of business|COB today|tonight|今天 18:00|"
        "今天中午12点前|今天下午3点|今晚12点前|end-of-day|today (20 May)|this Monday|"
        "end of day today|EOD today"
    ),
    "2024-05-21": (
        "明天|明日|明天下午|明天下班前|明早|明晚|Tues|tomorrow|by tomorrow|by noon tomorrow|"
        "tomorrow morning|tomorrow EOD|by end of tomorrow|within 24 hours|in 24 hours|"
        "明天中午前|明天9:30前|明天早上9点|明晚8点|due tomorrow|within one business day|"
        "within 1 working day|in 1 business day|tomorrow (Tuesday)|tomorrow (21 May)|"
        "tomorrow, May 21|end of day tomorrow|by COB tomorrow"
    ),
    "2024-05-22": (
        "后天|後天|后天中午前|本周三|2个工作日内|Weds|in 2 days|in two days|within 48h|"
        "within 48 hrs|兩個工作天內|后天前|后天下班前|明天到后天|Wednesday afternoon|"
        "Wed evening|within 2 workdays|in 48 hours|Wed"
    ),
    "2024-05-23": (
        "大後天|3天内|三天内|3日内|三日內|3天之内|72小时内|3个工作日之内|3工作日内|"
        "3個工作日內|三個工作天內|会后3天内|会后三个工作日内|会议结束后3天内|从今天起3天内|"
        "Thurs|within 3 days|within three days|within 3 business days|"
        "within three working days|3 business days from now|3天内反馈|3个工作日内回复|"
        "本次会议后3天内|三天後|三日后|大后天前|by lunchtime Thursday|within 3 calendar days|"
        "in three days|in three days' time|Thursday this week"
    ),
    "2024-05-24": (
        "这周五|這週五前|本週五下班前|本周周五|本周五17:00前|星期五|礼拜五|週五|周五下午|"
        "周五下班前|本周内|本週內|这周内|本周之内|本周末前|周末前|本周三至周五|"
        "本周五（5月24日）|本周五(5/24)|5月24日（本周五）|by 5pm Friday|by 5 p.m. on Friday|"
        "Friday 5pm|Friday noon|Friday morning|Friday EOD|EOD Friday|by EOD Friday|"
        "by Friday EOB|COB Friday|close of play Friday|by close of play on Friday|"
        "end of day Friday|end of business Friday|by Friday|By Fri|on Friday|before Friday|"
        "no later than Friday|this coming Friday|coming Friday|Friday this week|"
        "Friday of this week|end of week|end of the week|by end of week|"
        "by the end of the week|end of this week|by end of this week|EOW|by EOW|"
        "within this week|ASAP, by Friday at the latest|本週五前|這禮拜五|這禮拜五前|"
        "5月24日（周五）18:00|5月24日周五前|5月24日（本周五）前|本周五（24日）|"
        "本周五（24号）前|24日（周五）|24日（本周五）|24号周五|周五(24日)|周五（5.24）|"
        "5.24（周五）|5/24周五|周五前反馈意见|本周内完成|争取本周五|最迟本周五下班前|"
        "本周五中午12点前|本周五上午10点|周五下班|周五晚上|周五晚|周五24:00|周五早上|"
        "今天到周五|本周一至周五|尽快，不晚于周五|by Friday lunchtime|"
        "by Friday at the latest|by Friday latest|Friday latest|at the latest by Friday|"
        "not later than Friday|no later than COB Friday|no later than end of day Friday|"
        "on or before Friday|till Friday|until Friday|due on Friday|due Friday|due by Friday|"
        "deadline is Friday|deadline: COB Friday|to be done by Friday|finish by Friday|"
        "needed by Friday|ready by Friday|asap, latest Friday|latest end of week|latest EOW|"
        "End of Week|end of the working week|end of the current week|by week's end|"
        "before the end of the week|end-of-week|within the week|following Friday|"
        "the following Friday|this Friday (May 24)|this Friday, 24 May|Friday, 24th|"
        "by this Friday|by the coming Friday|by end of business day Friday|"
        "by end of business on Friday|by close of business Friday|"
        "before close of business Friday|by COP Friday|by noon Friday|before noon on Friday|"
        "by midday Friday|by Friday 12:00|by Friday 12pm|by Friday, 5 pm|Friday by 5pm|"
        "Friday before 5pm|Friday, COB|Friday (COB)|Friday (EOD)|today to Friday"
    ),
    "2024-05-25": (
        "本月25日|本月25日前|25号|5天后|the 25th|by the 25th|25th|"
        "within 5 days of this meeting|Saturday|sat"
    ),
    "2024-05-26": "周日|周天|星期天前|this Sunday|Sun",
    "2024-05-27": (
        "周一|下周一|7个自然日内|一周内|1周内|一个星期内|一星期内|一周后|五个工作日内|"
        "會後一週內|即日起7日内|自即日起5个工作日内|Mon|in a week|in one week|"
        "in a week's time|within a week|within 1 week|within one week|within 5 working days|"
        "in 5 business days|5 working days from today|a week from today|a week from now|"
        "下禮拜一前|一週內|1週內|下週一上午|下週一上午10:00|本会议结束后一周内|未来一周内|"
        "first thing Monday|first thing Monday morning|Monday AM|within the next 7 days|"
        "within 5 business days|within five (5) business days|7 days from this meeting|"
        "one week after this meeting|one week after the meeting|Monday 27th|Monday the 27th|"
        "Monday 27 May|Mon, 27 May 2024|Mon 27/5|Mon 27/05/2024|Monday May 27th|"
        "Monday, the 27th of May|Monday (27 May)|Monday (27th)|next Monday (27 May)|"
        "next Monday, 27 May|next Monday 27/05|on the coming Monday|this coming Monday|"
        "EOD Monday|EOD on Monday"
    ),
    "2024-05-28": "next Tues|Tuesday week|Tuesday next week|Tuesday of next week|next week Tuesday",
    "2024-05-29": (
        "下星期三|下个星期三|下個禮拜三|下周的周三|下周一至下周三|下周三（5.29）|"
        "下周三前给出方案|下周一到周三|next Monday to Wednesday"
    ),
    "2024-05-30": (
        "10天内|十天内|in 10 days|10 days from today|Thursday 30 May 2024|Thu 30 May|"
        "Thu, May 30|May 30 (Thu)|30 May (Thursday)|30.05.2024|30.5.2024|30/5|5/30/24|"
        "5-30-2024|30-5-2024|30th|30th May|30th of May|30th of this month|30 May, 2024|"
        "30 May 24|May 30 '24|May 30th 2024|May 30th, EOD|30May|30MAY2024|MAY 30|may 30|"
        "2024/05/30|2024/5/30 EOD|2024-05-30T23:59:59Z|2024-05-30 23:59 UTC|"
        "2024-05-30, 17:00 CET|Thursday, 30 May 2024 at 5:00 PM|Thu 30 May 5pm|30 May 17:00|"
        "5 p.m. Thursday, 30 May|by 17:00 on 30 May 2024|by midnight 30 May|noon on 30 May|"
        "no later than the 30th|on or before the 30th|due date: 30/05/2024|Due on: May 30|"
        "Deadline - 30 May|DDL 5/30|DDL：5月30日|target 30 May|planned for 30 May|"
        "scheduled for 30 May|expected by 30 May|expected 30 May|to be completed by 30 May|"
        "to be delivered by May 30|complete by May 30|completion by 30 May|submit by 30 May|"
        "required by 30 May|within the next 10 days|next Thurs|by EOD on 30 May|"
        "by the close of business on 30 May"
    ),
    "2024-05-31": (
        "本月底|本月末|这个月底|月底|月内|当月底|31日|下周五前|下周五下班前|下周内|"
        "下週內完成|本周一至下周五|本月最后一个周五|Friday next week|Friday of next week|"
        "next week Friday|by next Friday|by Friday next week|a week on Friday|"
        "a week from Friday|Friday week|by the end of next week|by end of month|"
        "end of the month|end of month|by month end|month-end|by EOM|end of this month|"
        "last day of the month|within this month|last Friday of the month|"
        "pushed to next Friday|月底以前|5月底前完成|月底前提交报告|需在下周五前完成|"
        "最晚下周五|最晚月底|本月最后一个工作日|下周五之前|下周五以前|下周五及之前|"
        "下周五（含）之前|今天至下周五|下周一~下周五|延期到下周五|5月内|五月底|五月末|"
        "no later than end of May|no later than the end of the month|until end of May|"
        "due end of May|due EOM|deadline: end of next week|ETA: end of May|target end of May|"
        "delivery by end of May|before end of month|before the end of the month|end-of-month|"
        "month's end|end of May|end May 2024|within the month|within May|"
        "next Friday (31 May)|next Friday, May 31|2024-W22-5|2024W225|week ending 31 May|"
        "week ending Friday 31 May|w/e 31 May"
    ),
    "2024-06-01": "on the 1st|next Sat",
    "2024-06-02": "下周日|next Sunday",
    "2024-06-03": (
        "兩個禮拜內|两周之内|2周后|10个工作日内|十个工作日内|5月27日到6月3日|6月第一个周一|"
        "下月第一个工作日|in two weeks' time|in a fortnight|within a fortnight|"
        "within two weeks|within the next two weeks|in the next two weeks|within 14 days|"
        "two weeks from now|within 2 weeks of this meeting|within two weeks of today|"
        "first Monday of June|first working day of June|1st working day of next month|"
        "會議後兩週內|两周内完成|两周后|兩週後|10个工作日后|未来两周内|接下来两周内|"
        "下个月第一个工作日|due in two weeks|within 2 wks|within 10 working days|"
        "in 2 weeks time|ten business days from today"
    ),
    "2024-06-04": "半个月内|半个月后",
    "2024-06-05": "2024-6-5|下個月5號前|下下週三|by the 5th of next month|5th of June",
    "2024-06-06": "06/06/2024",
    "2024-06-07": (
        "下下周五|week ending 7 June|w/e 7 June|between 3 and 7 June|"
        "between June 3 and June 7|3rd to 7th June|Mon 3 June - Fri 7 June|"
        "two weeks on Friday|two weeks from Friday|June 3-7, 2024|3-7 June 2024|3 - 7 June|"
        "June 3 - 7|June 3rd - June 7th|3 June to 7 June 2024|3 June 2024 - 7 June 2024|"
        "from 3 June until 7 June|from 3 to 7 June|between 3 June and 7 June|"
        "Jun 3 through Jun 7|2024-06-03 to 2024-06-07|2024-06-03 - 2024-06-07|"
        "2024-06-03--2024-06-07"
    ),
    "2024-06-08": "7-8日",
    "2024-06-10": "三周内|3 weeks from today|3 weeks from now",
    "2024-06-11": "端午节后第一个工作日",
    "2024-06-13": "13/6",
    "2024-06-14": "Fri 14/6|Friday 14 June|June 14 (Fri)|June 14, Friday|Fri 6/14",
    "2024-06-15": (
        "2024年6月15日 18:00前|2024年6月15日下班前|2024/6/15前完成|2024/06/15（六）|"
        "2024-06-15 18:00|2024-06-15T18:00:00+08:00|2024.6.15前|20240615|2024年06月15号|"
        "於2024年6月15日前完成|请于6月15日前提交|6月15日前反馈|预计6月15日|计划6月15日完成|"
        "暂定6月15日|不晚于6月15日|不遲於6月15日|最迟6月15日|6月15日截止|6月15日止|"
        "6月15日为止|限6月15日前|截止日期：2024年6月15日|截止时间为6月15日|截止：6/15|"
        "計劃完成時間：6月15日|六月十五日|六月十五号前|二零二四年六月十五日|2024年六月十五日|"
        "今年6月15日|下月15日|15号前|6月1日至15日|6月1日-6月15日|6月1日—15日|6月1-15日|"
        "6/1-6/15|6.1-6.15|2024/6/1-2024/6/15|2024-06-01~2024-06-15|2024.6.1-6.15|"
        "20240601-20240615|2024-06-01/2024-06-15|从6月1日到6月15日|"
        "自2024年6月1日起至2024年6月15日止|延期至6月15日|延期到6月15日|推迟至6月15日|"
        "顺延至6月15日|改为6月15日|改至6月15日|调整为6月15日|調整至6月15日|6月1日→6月15日|"
        "6/1 → 6/15|6月1日改为6月15日|由6月1日调整为6月15日|6月1日（延期至6月15日）|"
        "原计划6月1日完成，现延期至6月15日|6月15日（原6月1日）|6月15日（原定6月1日）|"
        "尽快，最晚6月15日|尽快，6月15日前|6月15日（暂定）|6月15日前（含）|6月15日（含）前|"
        "6月15日前，越快越好|6月15日23:59|6月15日24点前|6月15日上午10点半|6月15日 周六|"
        "6月15日星期六|周六（6月15日）|周六6月15日|民国113年6月15日|民國一一三年六月十五日|"
        "113-06-15|24/6/15|24-06-15|June 15, 2024|Jun 15 2024|Jun. 15, 2024|15 Jun 2024|"
        "15th June|15th of June|the 15th of June|June the 15th|15 June|15-Jun|15-Jun-24|"
        "15/Jun/2024|15Jun2024|2024 June 15|2024-Jun-15|Sat, 15 June 2024|Saturday 15 June|"
        "Saturday, June 15|Saturday, June 15th, 2024|Sat 15/6|by June 15|by 15 June|"
        "by June 15th at the latest|before June 15|before the 15th of June|"
        "on or before June 15|no later than June 15|No later than 15 June 2024|"
        "not later than 15 June|June 15 at the latest|latest by June 15|latest June 15|"
        "until June 15|due June 15|Due: June 15|due by 15 June|Due date: 2024-06-15|"
        "Deadline: 15 June 2024|deadline June 15|ETA: June 15|ETA 6/15|target date: June 15|"
        "target: June 15|on June 15|June 15 EOD|EOD June 15|COB June 15|by COB on June 15|"
        "by close of business on June 15|by end of day June 15|June 15, 5pm|June 15 at 5 PM|"
        "June 15 at 17:00|5pm on June 15|June 1-15|June 1 to June 15|1-15 June|"
        "1 June - 15 June|1–15 June 2024|June 1 to 15|from June 1 to June 15|"
        "June 1, 2024 - June 15, 2024|June 1 → June 15|June 1 -> June 15|moved to June 15|"
        "postponed to 15 June|revised to 15 June|rescheduled to June 15|extended to June 15|"
        "was June 1, now June 15|June 15 (was June 1)|June 15 (originally June 1)|"
        "originally June 1, moved to June 15|June 1 (moved to June 15)|"
        "moved from June 1 to June 15|changed from June 1 to June 15|6/15/2024|06-15-2024|"
        "15.06.2024|15/06/24|6/15/24|ASAP, no later than June 15|June 15 or earlier|"
        "June 15 or before|by June 15 or sooner|6/15(六)下班前|6月15日(含)前|６／１５|"
        "113/06/15前|113.6.15|113年06月15日(星期六)|2024年6月15日（星期六）下午17:00前|"
        "2024年6月15日（周六）前完成|6月15日前完成初稿|6月15日前完成测试并提交报告|"
        "原则上6月15日前|原则上不晚于6月15日|必须在6月15日前完成|务必于6月15日前完成|"
        "应于6月15日前完成|不得晚于6月15日|不超过6月15日|即日起至6月15日|今日起至6月15日|"
        "6月15日当天|6月15日当日|6月15日内|6月15日上午|6月15日晚|6月15日晚8点|6月15日零点|"
        "6月15日12:00之前|6-15|06/15|06.15|2024-6-15日|2024/6/15日前|2024.06.15日|"
        "2024 / 06 / 15|2024 - 06 - 15|2024. 6. 15|2024.6.15.|2024年6月15日。|"
        "【2024年6月15日】|（6月15日前）|“6月15日”|**6月15日**|6月15日(五)|6/15(日)|"
        "2024-06-15（周六）|2024-06-15 周六|2024-06-15 星期六 18:00|周六 2024-06-15|"
        "提前至6月15日|延至6月15日|延到6月15日|改期至6月15日|变更为6月15日|更新为2024-06-15|"
        "推遲到6月15日|順延至6月15日|展延至6月15日|展期至6月15日|後延至6月15日|調整為6月15日|"
        "變更為6/15|原訂6月1日，改為6月15日|原6月1日，现6月15日|原6月1日 → 6月15日|"
        "2024-06-01 → 2024-06-15|2024-06-01 => 2024-06-15|尽快（6月15日前）|prior to June 15|"
        "up to June 15|delayed to 15 June|delayed until June 15|deferred to June 15|"
        "slipped to 15 June|shifted to June 15|pushed back to June 15|pushed out to June 15|"
        "moved out to June 15|brought forward to June 15|now June 15|now due June 15|"
        "new date: June 15|new due date June 15|new deadline: June 15|updated to June 15|"
        "changed to 15/06/2024|June 1, moved to June 15|June 1 (extended to June 15)|"
        "June 1 - extended to June 15|was 1 June, now 15 June|15 June (previously 1 June)|"
        "15 June (was: 1 June)|15 June, not 1 June|June 15 instead of June 1|"
        "originally 1 June, now 15 June|old: June 1, new: June 15|June 1 ⇒ June 15|"
        "June 1 >> June 15"
    ),
    "2024-06-17": "in 4 weeks|03/06/2024-17/06/2024",
    "2024-06-18": "6.18|6.18前",
    "2024-06-19": "30天内|within 30 days",
    "2024-06-20": (
        "一个月内|1个月内|within a month|within one month|in one month|一个月后|6月15日-20日|"
        "6月15日~20日|6月15日至20日|6月15至20日|6.15-20|6/15-20|6/15~6/20|6.15~6.20|"
        "6月15日——6月20日|2024年6月15日-20日|2024年6月15日—2024年6月20日|"
        "2024-06-15 到 2024-06-20|2024/6/15-6/20|2024/6/15－2024/6/20|15日-20日|15-20日|"
        "15号到20号|within 1 month|in a month|one month from today"
    ),
    "2024-06-24": "24/6",
    "2024-06-28": "6月最后一个工作日|last Friday of June",
    "2024-06-30": (
        "力争6月底前完成|六月三十日|本季度内|季度末前|季末|上半年内|上半年底前|6月末|"
        "6月底之前|6月内|6月份内|六月底|2024年6月底|下个月底|下月末前|6月最后一天|113年6月底|"
        "end of next month|by the end of next month|end of June|by end of June|"
        "by the end of June 2024|end June|end-June|June end|EOM June|last day of June|"
        "end of Q2|end of quarter|end of the quarter|EOQ|quarter end|end of H1|"
        "end of the first half|下個月底|六月底以前|季底|第二季底|第二季底前|Q2底|"
        "民國113年6月底|6.30日前|6/30日|6月30|6月30前|24年6月30日前|预计6月底|争取6月底|"
        "截止到6月30日|截止至6月30日|截止时间：2024年6月30日24:00|截止于6月30日|到6月30日|"
        "至6月30日|直到6月30日|6月30日到期|6月30日（截止）|6月30日（周日）截止|Q2结束前|"
        "2季度末|H1末|本月底至下月底|尽快完成，最迟6月30日|before the end of June|"
        "before end of Q2|by the end of Q2|by the end of the second quarter|"
        "by the end of the quarter|by quarter-end|end-of-quarter|within this quarter"
    ),
    "2024-07-01": "in six weeks|in 6 weeks",
    "2024-07-03": "June 28 - July 3|28 June to 3 July",
    "2024-07-08": "7/8前|7.8前",
    "2024-07-19": "within 60 days",
    "2024-07-20": "in two months",
    "2024-07-31": "下下月底|6月底至7月底",
    "2024-08-18": "within 90 days",
    "2024-08-20": "三个月内|within 3 months",
    "2024-09-01": "1 Sept|1st of Sept|Sept 1|Sep 1st",
    "2024-09-18": "中秋节后第一个工作日",
    "2024-09-30": (
        "2024年第三季度末|三季度末|第三季度末|Q3末|2024Q3末|三季度内|下季度末|国庆节前|"
        "十一前|国庆假期前|国庆长假前|end of Q3|Q3 end|by end of Q3 2024|end of Q3 2024|"
        "end of next quarter|end of third quarter|今年国庆前|end Q3"
    ),
    "2024-10-08": "國慶後第一個工作日|国庆假期后第一个工作日",
    "2024-10-09": "国庆节后第二个工作日",
    "2024-11-20": "within 6 months|半年后|within half a year",
    "2024-12-01": "12/1前",
    "2024-12-31": (
        "今年底|今年年底前|2024年底前|2024年末|2024年内|2024年12月底|元旦前|元旦节前完成|"
        "by year end|year-end|by year-end|by the end of the year|by EOY|EOY 2024|end of 2024|"
        "end of the calendar year|年底以前|24年底|下半年内|下半年底|第四季度末|四季度末前|"
        "Q4底前|年度末|本年度内|今年内|31/12|12/31|before year-end|"
        "before the end of the year|end-of-year|year's end|within the year"
    ),
    "2025-01-02": "元旦后第一个工作日|1/2前",
    "2025-01-10": (
        "12月20日至1月10日|2024年12月20日-2025年1月10日|Dec 20 - Jan 10|20 Dec 2024 to 10 Jan 2025"
    ),
    "2025-01-15": "明年一月十五日|1月15日",
    "2025-01-31": "25年1月底",
    "2025-02-05": "春节后第一个工作日",
    "2025-02-28": "2月底",
    "2025-03-15": "3月15日",
    "2025-03-31": "明年一季度末",
    "2025-04-30": "五一前|劳动节前|明年五一前",
    "2025-05-06": "五一后第一个工作日",
    "2025-05-20": "一年内|within one year|within a year|in a year",
    "2025-06-15": "明年6月15日",
    "2025-06-30": "明年6月底",
    "2025-09-30": "2025年国庆前",
    "2025-12-31": "明年年底|by end of 2025|end of next year|明年内",
    "2026-12-31": "后年底",
}

# What gives no day, for whatever reason: vague, an event, a name, a number.
REFUSED = (
    "20240631|6月15日左右|大约6月15日|6月15日前后|6月15日起|6月15日以后|6月15日开始|"
    "自6月1日起|6月15日或6月20日|6月15日、6月20日|6月15日/6月20日|上半年|下半年|2024年|"
    "2024年下半年|Q3|三季度|32日|13月5日|2月30日|2024-02-30|2023年2月29日|4月31日前|本周|"
    "这周|周末|3天|两周|5个工作日|两三天内|3-5天内|几天内|数日内|近几天|这两天|这几天|"
    "项目上线后一周内|收到通知后5个工作日内|合同签订后10日内|上线前|上线前3天|发布后|"
    "验收前|下次例会前|下次会议|例会前|会前|开会前|春节前|中秋前|清明前|端午节前|年前|"
    "节前|国庆|国庆期间|国庆后|每周|每周一|每周五前|每週五|每月5日前|每月|每天|每日|"
    "每季度|每两周|隔周|逢周三|每个月底|定期|尽快|儘快|尽早|抓紧|立即|立刻|马上|近期|"
    "近期内|短期内|后续|持续|持续跟进|长期跟进|待确认|待定（下次会议确认）|另行通知|"
    "视进度而定|根据项目进度|项目结束前|年中|年初|6月初|6月上旬|六月中旬前|6月下旬|"
    "下月中旬|月中|下周初|农历五月初五|農曆八月十五前|腊月二十前|正月十五前|除夕前|"
    "6月15日至6月1日|周三到周五|原定6月1日|延期|2024年6月|2024-06|2024/6|六月|6|15|"
    "第23周|W23|第二阶段|第三期|一期|二十|三天|3/4|1/2|50/50|100%|80%|1.2版本|V1.0|"
    "v2.0.1|1.0.5|192.168.1.1|3.5h|2h|8小时|3人天|5人日|10万元|￥500|$6.15|021-12345678|"
    "400-820-1234|A-101|B2-305|Q3报告|张三|李五|周日成|周五一|易六月|五月天|六月雪|"
    "星期五餐厅|三八节|双十一|双11前|六一前|一一|月报|周报|年报|日报|周例会|三一五|"
    "ML-K7Q4F7K2C|#123|PROJ-12|2024项目|同上|/|——|—|...|无期限|不限|N.A.|已完成|完成|"
    "进行中|two weeks|5 days|2 weeks|10 business days|EONW|w/c 3 June|week of June 3|"
    "week commencing 3 June|15 June – 1 June|June 3 or 4|June 3 or June 10|"
    "Thursday or Friday|06/07/2024|6/7/2024|07-06-2024|06.07.2024|06/07/24|13/13/2024|"
    "31/06/2024|31 June|June 31|30 Feb|Feb 30, 2025|0 June|2024-13-01|2024-00-10|asap|"
    "ASAP!|a.s.a.p.|immediately|as soon as possible|soon-ish|shortly|later this week|"
    "later|sometime next week|early next week|mid next week|beginning of next week|"
    "start of June|mid-June|mid June|beginning of June|end of summer|summer|this week|"
    "this month|this quarter|next quarter|next year|next sprint|end of sprint|"
    "by next week|by June|June|June 2024|Jun-24|in June|Q3 2024|2024 Q3|H1|2025|FY25|"
    "end of FY24|end of fiscal year|around June 15|approx. June 15|~June 15|"
    "about 15 June|maybe Friday|hopefully Friday|Friday?|TBD (June 15?)|after June 15|"
    "after Friday|from June 15|starting June 15|June 15 onwards|June 15 or later|"
    "3 days after launch|within 3 days of approval|within a week of receipt|"
    "two weeks before release|before the release|before launch|before the next meeting|"
    "next meeting|at the next meeting|by next meeting|upon approval|after approval|"
    "once approved|when done|when ready|upon receipt|after the holidays|before Christmas|"
    "by Christmas|Easter|Thanksgiving|before Chinese New Year|every day|every Monday|"
    "each Friday|every two weeks|bi-weekly|biweekly|monthly|daily|quarterly|on Fridays|"
    "Mondays|every month by the 5th|the first Monday of each month|ongoing basis|"
    "continuous|pending|n/a|none|open|to be determined|to be confirmed|not set|unknown|"
    "as needed|in due course|at some point|when possible|over the weekend|this weekend|"
    "by the weekend|a few days|in a couple of weeks|several weeks|June Smith|April|"
    "April Jones|May|Mark|Sunny|Monday Night Football|Friday's call|Team Friday|"
    "Will Friday|Augustus|Marcus|Sat Nav|v1.2|1.2.3|1.2.3.4|Room 5-27|Building 6/15|"
    "ISO 8601|3 of 5|2/3 done|10-12 people|$5.27|5.27 USD|€15/06|24/7|365|9 to 5|"
    "9:00-17:00|17:00|5pm|noon|IPv6|12-34-56|555-1234|+1 555 123 4567|2024/25|2024-25|"
    "1990s|次日|翌日|隔日|当天|當日|盡速|儘速辦理|儘早|月中前|農曆年前|農曆春節前|春節後|"
    "連假前|開學前|暑假前|寒假结束前|學期末|学期结束前|双十节前|聖誕節前|圣诞前|跨年前|"
    "中秋节前|七夕前|双11|618前|2025年春节前|明年春节前|完成时间待定|时间待定|"
    "具体时间待定|具体日期另行通知|暂定下周|预计下周|预计6月|预计2周|不超过3天|"
    "6月30日之后|6月30日后|过了6月30日|6月30日上线后|6月30日会议后|6月30日会议前|"
    "6月30日例会|第一次会议后|会后|会后立即|会后当天|会后一周|一年半内|一个半月内|"
    "一到两周内|1-2周内|2~3个工作日|2-3天|三到五天|近两周内|最近一周|前两周|上半月|"
    "下半月|上半月内|第四季度|H2|本财年内|财年末|FY24Q3|周五或下周一|周五和周六|"
    "周五、周六|明后天|明天或后天|今明两天|今天或明天|6月1日，6月15日|"
    "第一阶段6月1日，第二阶段6月30日|初稿6月1日；终稿6月15日|6月1日前初稿，6月15日前终稿|"
    "6月1日启动，6月15日完成|6月1日开始|6月1日起执行|即日起执行|延期一周|延期2天|延后|"
    "暂缓|取消|不涉及|无需|无明确时间|无具体时间|没有|暂不确定|未确定|不明确|再议|择期|"
    "择日|择机|机动|看情况|视资源情况|待资源到位后|待客户确认后3天|客户确认后|"
    "资金到位后两周内|审批通过后|T+5|T+3个工作日|D+7|D-3|N+1|上线后1周|项目启动后30天内|"
    "合同签订之日起30日内|收到发票后15个工作日内|下个版本|下个迭代|下个Sprint|V2.3上线前|"
    "2.0版本发布前|迭代结束|迭代末|里程碑2|M2|P0|阶段一|春季|夏天|秋季前|第三季|第1周|"
    "第22周周五|5月第4周|五月第四周|6月第二周|下月第二周|6月第一周周五|"
    "月底最后一个工作日|下月首个工作日|下周第一个工作日|下个工作日|下一个工作日|"
    "国庆后第一周|节后第一天|节后第一个工作日|每周例会前|每个工作日|每年6月|"
    "每年6月15日前|每月15日|每月15号之前|每月最后一个工作日|每双周周三|按周|按月提交|"
    "按需|按计划|按时|实时|全年|全程|日常|常态化|不定期|无限期|下周一早会前|下周一例会|"
    "下周一例会前|下周例会前|周一晨会|周三会议前|6。15|6、15|2024、6、15|2024 6 15|5/6|"
    "2/29|2/30|0/5|2024年13月|2024年0月5日|2024年6月0日|2024年6月31日|2024.6.31|"
    "2024/02/30|6/31|11/31前|28日至3日|5月底-6月初|5月底至6月中旬|5月-6月|5-6月|6月至8月|"
    "Q3-Q4|三季度至四季度|2024年6月-12月|6月1日（原），6月15日（新）|"
    "6月15日（由6月1日延期）|6月1日 延期 6月15日|6月1日延期至待定|延期至下月|"
    "6月15日（已延期）|5月|5月份|腊月底|半年|一季度|100年|2100年1月1日|1949年10月1日|"
    "Monday a.m.|targeting 30 May|ideally by Friday|preferably Friday|"
    "by the end of this coming week|late May|mid-May|mid May 2024|middle of June|"
    "early July|first week of June|last week of June|second half of June|beginning of Q3|"
    "start of next month|start of the week|top of next week|early in the week|"
    "later in the week|later this month|sometime in June|some time next month|"
    "in the summer|after summer|over the summer|in autumn|spring 2025|Q4|Q4 2024|in Q3|"
    "during Q3|by Q3|before Q3|before July|by July|by 2025|in 2025|this year|"
    "within the next week|within the next month|in 2 hours|in an hour|within the hour|"
    "within 12 hours|a week after the workshop|2 days after kickoff|"
    "30 days after contract signature|10 days prior to launch|a week before the deadline|"
    "the week after next|week after next|next week or the week after|next two weeks|"
    "the following week|Friday following|Mon 27|next Friday (24 May)|"
    "in two weeks on Friday|Friday in two weeks|Friday - EOD|3/6/2024 - 7/6/2024|"
    "Monday to Friday|Mon-Fri|from Monday to Wednesday|now until Friday|June to August|"
    "May/June|May-June|June or July|end of May / early June|Q2/Q3|2024-06-03..2024-06-07|"
    "changed: June 1 to June 15|postponed|postponed indefinitely|delayed|"
    "delayed by one week|cancelled|done|completed|complete|closed|in progress|on hold|"
    "blocked|on track|no date|no due date|no deadline|not applicable|nil|none yet|"
    "not yet agreed|TBA|TBD.|tbd|To be advised|to be agreed|to be scheduled|date TBD|"
    "date to be confirmed|TBC - end of May?|???|?|ASAP please|as soon as practicable|"
    "at your earliest convenience|right away|immediate|now|urgent|high|when time permits|"
    "whenever|if needed|as required|in the near future|near term|long term|long-term|"
    "medium term|open-ended|next time|next call|next standup|next release|"
    "next board meeting|next steering committee|before next meeting|"
    "before next week's meeting|by the next steering committee|for next meeting|"
    "at next week's call|at the June meeting|June meeting|before the June 15 meeting|"
    "before the workshop|before go-live|by go-live|at launch|upon completion|"
    "on completion|on receipt|after sign-off|once signed off|following approval|"
    "pending approval|subject to approval|subject to funding|dependent on vendor|depends|"
    "3 business days after approval|within 30 days of signature|"
    "within two weeks after go-live|within one week of receiving comments|"
    "no later than 2 weeks before the event|Mondays and Thursdays|every other week|"
    "every 2 weeks|every month|every month end|each sprint|each month|per sprint|"
    "once a week|twice a month|fortnightly|annually|yearly|weekly on Friday|"
    "weekly (Fridays)|monthly by the 5th|5th of each month|last Friday of every month|"
    "the 5th of every month|recurring|standing item|daily standup|Ann|Bob Friday|"
    "April Lee|May Day|Jan Novak|Jun|June Carter|Augusta|Friday Harbor|March team|"
    "Sunday Times|Dec Smith|Mon ami|second|the first|first|1st draft|2nd quarter|"
    "2nd floor|3rd party|5th Avenue|phase 2|Sprint 24|Sprint 24.5|version 5.30|v5.30|"
    "release 24.5.30|build 2024.5.30|5.30.1|IP 10.5.30.2|section 5.3|§ 5.30|p. 5-30|"
    "no. 5/30|Ticket 5-30|ABC-530|ABC-2024-05|5 of 30|5:30|5.30pm|17.30|5-30%|20-30|"
    "5.30 EUR|5.30k|£5.30|5,30|530|0530|05302024|300524|24W22|W22|2024W22|2024-W22|CW22|"
    "KW 22|Week 22|week of 27 May|week commencing 27 May|w/c 27 May|WC 27/05|"
    "week beginning May 27|wk 22"
    "|the day before Friday|6.15/6.20|>6月15日|<6月15日|within the next week|2 days before Friday"
)

REASONS = {
    "vague_word": "尽快|儘快|待定|近期|月初|6月中旬|长期|ASAP|TBD|soon|mid-June|around June 15|in a few days",
    "period_without_end": "下周|6月|三季度|下个月|3天|next week|June|Q3|two weeks|6月15日起|after Friday",
    "event_relative": "验收通过后3天内|上线前|收到通知后5个工作日内|two days after launch|before go-live",
    "recurring": "每周五|每月底|every Friday|weekly|5th of each month",
    "ambiguous_order": "06/07/2024|7-6-2024|06.07.2024|06/07/24|3/4",
    "impossible_date": "6月31日前|2024-02-30|31/06/2024|February 30|13月5日|9999-12-31|31 Dec 9999|"
    "3-May-2199|May 3rd, 2199",
    "contradictory": "6月3日至下周五|6月15日至6月1日|in two weeks on Friday",
    "two_dates": "6月1日、6月15日|本周三或周四|June 3 or June 10|周五和周六|3-6月15日前|6/7月1日|"
    "3至6月15日|6月1/2日前|6月1日/2日前|2024年3-6月15日前",
    "lunar": "农历五月初五|腊月二十前|除夕前|lunar new year",
}

# reference, phrase, day: what depends on where in the week, month or year the meeting lies
ELSEWHERE = (
    ("2024-05-20", "NLT Friday", "2024-05-24"),
    ("2024-05-20", "by or before May 22", "2024-05-22"),
    ("2024-05-20", "this quarter end", "2024-06-30"),
    ("2024-05-20", "end of last quarter", "2024-03-31"),
    ("2024-05-20", "翌年1月底", "2025-01-31"),
    ("2024-05-20", "六月的第一个星期一", "2024-06-03"),
    ("2024-05-26", "下周五", "2024-05-31"),
    ("2024-05-26", "周一前", "2024-05-27"),
    ("2024-05-26", "本周五", "2024-05-24"),
    ("2024-05-25", "this Friday", "2024-05-31"),
    ("2024-05-24", "周五", "2024-05-31"),
    ("2024-05-24", "next Monday", "2024-05-27"),
    ("2024-05-25", "本周内", "2024-05-26"),  # the last working day has passed
    ("2024-01-31", "下月底前", "2024-02-29"),
    ("2024-01-31", "一个月内", "2024-02-29"),
    ("2024-01-31", "30日前", "2024-03-30"),
    ("2024-02-29", "一年内", "2025-02-28"),
    ("2024-12-20", "1月10日", "2025-01-10"),
    ("2024-12-20", "Jan 10", "2025-01-10"),
    ("2024-12-20", "1/15", "2025-01-15"),
    ("2024-12-20", "下月底", "2025-01-31"),
    ("2024-12-20", "一季度末", "2025-03-31"),
    ("2024-12-30", "本周五", "2025-01-03"),
    ("2024-12-30", "下周五", "2025-01-10"),
    ("2025-01-10", "12月20日", "2024-12-20"),  # 21 days back is nearer than 11 months on
    ("2025-01-10", "11月10日", "2025-11-10"),  # more than 60 days back
    ("2025-03-01", "2月29日", None),
    ("2024-11-20", "元旦前", "2024-12-31"),
    ("2023-12-10", "元旦前", None),  # the days off began on 30 December: two readings
    ("2023-09-20", "国庆前", None),  # one block with 中秋 from 29 September
    ("2024-04-26", "5个工作日内", "2024-05-07"),
    ("2024-05-08", "3个工作日内", "2024-05-11"),
    ("2024-02-02", "within two business days", "2024-02-05"),
    ("2024-04-26", "本周内", "2024-04-28"),  # a Sunday that is worked
    ("2026-02-13", "2個工作天內", "2026-02-24"),
)

SENTENCES = (
    # text, the words that are the deadline, day
    ("请张三于下周三前提交测试报告。", "于下周三前", "2024-05-29"),
    ("由张三负责，6月15日前提交测试报告。", "6月15日前", "2024-06-15"),
    ("张三：完成测试报告（6月15日前）", "（6月15日前）", "2024-06-15"),
    ("完成测试报告（張三，113年6月15日前）", "113年6月15日前", "2024-06-15"),
    ("@张三 6/15前完成测试报告", "6/15前", "2024-06-15"),
    ("@张三 完成测试报告 📅 2024-06-15", "📅 2024-06-15", "2024-06-15"),
    ("升级到v2.5.27版本，3个工作日内完成", "3个工作日内", "2024-05-23"),
    ("王五负责第3期，月底前上线", "月底前", "2024-05-31"),
    ("预算1.5万元，6/15前付清", "6/15前", "2024-06-15"),
    ("张三2024.6月15日前提交", "2024.6月15日前", "2024-06-15"),
    ("张三2023-12月31日前提交", "2023-12月31日前", "2023-12-31"),
    ("共两项：1.6月15日前付清", "6月15日前", "2024-06-15"),
    ("11.6月15日前付清", "6月15日前", "2024-06-15"),
    ("张三下周一提交方案", "下周一", "2024-05-27"),
    ("会后3天内提交纪要", "会后3天内", "2024-05-23"),
    ("请于2024年6月15日（周六）18:00前反馈", "于2024年6月15日（周六）18:00前", "2024-06-15"),
    ("原定6月1日，延期至6月15日完成", "延期至6月15日", "2024-06-15"),
    ("根据2024年5月10日的决议，张三6月15日前完成", "6月15日前", "2024-06-15"),
    ("6月1日至6月15日完成联调", "6月1日至6月15日", "2024-06-15"),
    ("截止日期：6月30日", "截止日期：6月30日", "2024-06-30"),
    ("ACTION: Alice to send the draft by Friday", "by Friday", "2024-05-24"),
    ("Bob to fix it by Friday, 14 June, please", "by Friday, 14 June", "2024-06-14"),
    ("Ann, no later than COB Thursday", "no later than COB Thursday", "2024-05-23"),
    ("Bob: draft (due 15 June)", "(due 15 June)", "2024-06-15"),
    ("Complete it within 3 business days", "within 3 business days", "2024-05-23"),
    ("Send it [due:: 2024-06-15] soon", "[due:: 2024-06-15]", "2024-06-15"),
    ("(A) 2024-05-20 write it due:2024-06-15", "due:2024-06-15", "2024-06-15"),
    ("DEADLINE: <2024-06-15 Sat>", "DEADLINE: <2024-06-15 Sat>", "2024-06-15"),
    ("- [ ] it ⏳ 2024-06-10 📅 2024-06-15 🔁 every week", "📅 2024-06-15", "2024-06-15"),
)

NO_DEADLINE = (
    *("周一鸣前往上海调研", "May Chen will review it", "approved by Sun Wei", "by June Li"),
    *(
        "截至5月15日，已完成80%",
        "已于5月15日完成",
        "发布《6月15日会议纪要》",
        "准备6月15日的会议材料",
    ),
    *(
        "The report was sent on 15 June",
        "let's discuss it at Thursday's call",
        "we may 5 times try",
    ),
    *(
        "升级到2.5.27",
        "Room 6-15",
        "第3期",
        "24/7 on call",
        "通道宽度不小于2.4米",
        "前端页面",
        "目前进展",
    ),
    *("张三12024年5月6日前提交", "1112月31日前提交", "115月6日前提交", "24.12月31日前提交"),
    *("完成 1/2", "进度 6/15 项", "13800138000", "https://example.com/2024/06/15/x", "六一儿童节"),
    *("从6月15日起执行", "自2024年6月15日起", "⏳ 2024-06-10", "✅ 2024-06-14", "三一重工", "二期"),
)

FORMATS = (
    *(
        "{y}-{m:02}-{d:02}",
        "{y}/{m}/{d}",
        "{y}.{m:02}.{d:02}",
        "{y}{m:02}{d:02}",
        "{y}年{m}月{d}日",
    ),
    *("{y} 年 {m} 月 {d} 号", "民國{roc}年{m}月{d}日", "{roc}/{m}/{d}", "{roc}.{m:02}.{d:02}"),
    *("{d} {name} {y}", "{name} {d}, {y}", "{d}-{short}-{y}", "{short} {d} {y}", "{y}-{short}-{d}"),
    *("{y}年{m}月{d}日前", "截止{y}年{m}月{d}日", "by {d} {name} {y}", "{y}-{m:02}-{d:02} 18:00"),
    *("{y}年{m}月{d}日（{week}）", "{day}, {d} {name} {y}", "{name} {d}, {y} ({day})"),
)


def rows(table: dict[str, str]) -> list[tuple[str, str]]:
    return [(phrase, day) for day, text in table.items() for phrase in text.split("|")]


@pytest.mark.parametrize("day", DAYS)
def test_every_way_to_write_a_day_gives_it(day: str) -> None:
    got = {phrase: parse(phrase, MONDAY, CN).day for phrase in DAYS[day].split("|")}
    assert got == dict.fromkeys(got, date.fromisoformat(day))


def test_no_day_is_guessed() -> None:
    got = {phrase: parse(phrase, MONDAY, CN).day for phrase in REFUSED.split("|")}
    assert {phrase: day for phrase, day in got.items() if day} == {}


@pytest.mark.parametrize(("phrase", "reason"), rows(REASONS))
def test_a_refusal_has_its_reason(phrase: str, reason: str) -> None:
    due = parse(phrase, MONDAY, CN)
    assert (due.day, due.kind, due.reason, due.text) == (None, "vague", reason, phrase)


@pytest.mark.parametrize(
    "phrase", ["", "无", "-", "N/A", "周一鸣", "v2.5.27", "13800138000", "二期"]
)
def test_what_does_not_speak_of_time_is_none(phrase: str) -> None:
    due = parse(phrase, MONDAY, CN)
    assert (due.day, due.kind, due.reason) == (None, "none", None)


@pytest.mark.parametrize(("reference", "phrase", "day"), ELSEWHERE)
def test_what_counts_from_the_meeting(reference: str, phrase: str, day: str | None) -> None:
    got = parse(phrase, date.fromisoformat(reference), CN).day
    assert got == (day and date.fromisoformat(day))


@pytest.mark.parametrize(
    ("phrase", "kind"),
    [("6月15日", "exact"), ("下周五", "relative"), ("3天内", "relative"), ("6/1~6/15", "range")],
)
def test_kinds(phrase: str, kind: str) -> None:
    assert parse(phrase, MONDAY, CN).kind == kind


@pytest.mark.parametrize(
    ("phrase", "warning"),
    [
        ("上周五", "past_date"),
        ("yesterday", "past_date"),
        ("6月15日（周五）", "weekday_mismatch"),
        ("Monday, 14 June 2024", "weekday_mismatch"),
        ("next Friday", "policy"),
        ("下周末前", "policy"),
        ("24.6.15", "policy"),
    ],
)
def test_warnings(phrase: str, warning: str) -> None:
    due = parse(phrase, MONDAY, CN)
    assert due.day is not None
    assert warning in due.warnings


def test_a_plain_day_has_no_warning() -> None:
    for phrase in ("6月15日（周六）", "next Monday", "2024-06-15", "10个工作日内", "本周内"):
        assert parse(phrase, MONDAY, CN).warnings == (), phrase


def test_other_readings_are_told() -> None:
    assert parse("next Friday", MONDAY, CN).alternatives == (date(2024, 5, 24),)
    assert parse("下周末前", MONDAY, CN).alternatives == (date(2024, 6, 2),)
    readings = parse("06/07/2024", MONDAY, CN).alternatives
    assert set(readings) == {date(2024, 6, 7), date(2024, 7, 6)}


def test_working_days_beyond_the_data_are_counted_with_a_warning() -> None:
    due = parse("10个工作日内", date(2026, 12, 25), CN)
    assert due.day == date(2027, 1, 8)
    assert due.warnings == ("no_calendar_data",)
    assert parse("元旦前", date(2026, 11, 22), CN).warnings == ("no_calendar_data",)


@pytest.mark.parametrize(
    "phrase",
    ["下周五", "6月15日", "3天内", "月底", "EOD", "by Friday", "国庆前", "明年6月底", "6/15"],
)
def test_without_a_reference_nothing_relative_is_read(phrase: str) -> None:
    due = parse(phrase, None, CN)
    assert (due.day, due.reason) == (None, "no_reference")


@pytest.mark.parametrize(
    "phrase", ["2024-06-15", "2024年6月15日", "June 15, 2024", "113/6/15", "2024年6月1日至6月15日"]
)
def test_a_full_day_needs_no_reference(phrase: str) -> None:
    assert parse(phrase, None, CN).day == date(2024, 6, 15)


def test_a_weekday_decides_between_two_readings() -> None:
    assert parse("06/07/2024 (Fri)", MONDAY, CN).day == date(2024, 6, 7)
    assert parse("Sat 06/07/2024", MONDAY, CN).day == date(2024, 7, 6)


def test_the_order_of_two_numbers_is_the_document_s() -> None:
    read = {order: parse("6/7", MONDAY, CN, order=order).day for order in (None, *Order)}
    june, july = date(2024, 6, 7), date(2024, 7, 6)
    assert read == {
        None: None,
        Order.HAN: june,
        Order.MONTH_FIRST: june,
        Order.DAY_FIRST: july,
    }
    # a year behind them makes it a foreign form, and Chinese says nothing of that
    assert parse("06/07/2024", MONDAY, CN, order=Order.HAN).reason == "ambiguous_order"
    assert parse("06/07/2024", MONDAY, CN, order=Order.DAY_FIRST).day == july
    assert parse("6/7前", MONDAY, CN).day == june


@pytest.mark.parametrize(
    ("texts", "order"),
    [
        (["产品部周例会", "张三 6/7"], Order.HAN),
        (["Due 16/08/2020", "08/09/2020"], Order.DAY_FIRST),
        (["Due 08/16/2020", "08/09/2020"], Order.MONTH_FIRST),
        (["Due 16/08/2020", "08/16/2020"], None),
        (["Due 08/09/2020"], None),
        (["Time: 2021/02/03", "due 2.6"], Order.HAN),
        (["Time: 2021-02-03", "due 2.6"], None),
        ([], None),
    ],
)
def test_the_order_shows_in_the_document(texts: list[str], order: Order | None) -> None:
    assert order_of(texts) == order


@pytest.mark.parametrize(("text", "words", "day"), SENTENCES)
def test_a_sentence_gives_its_deadline(text: str, words: str, day: str) -> None:
    found = search(text, MONDAY, CN)
    assert [text[f.start : f.end] for f in found] == [words]
    assert found[0].due.day == date.fromisoformat(day)
    assert found[0].marked


@pytest.mark.parametrize("text", NO_DEADLINE)
def test_a_sentence_without_a_deadline_gives_none(text: str) -> None:
    assert search(text, MONDAY, CN) == ()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("请张三尽快提交", "vague_word"),
        ("张三在3-6月15日前完成整理", "two_dates"),
        ("李四于6月1/2日前提交材料", "two_dates"),
        ("李四在6月1日/2日前提交材料", "two_dates"),
        ("Bob to finish it by next week", "period_without_end"),
        ("验收通过后3天内付款", "event_relative"),
        ("收到发票后5个工作日内付款", "event_relative"),
        ("Reply within 3 days of approval", "event_relative"),
        ("张三6月31日前提交", "impossible_date"),
        ("Send it by 06/07/2024", "ambiguous_order"),
        ("Send it by 31 Dec 9999", "impossible_date"),
        ("Send it by May 3, 2199", "impossible_date"),
    ],
)
def test_a_vague_deadline_is_found_without_a_day(text: str, reason: str) -> None:
    (found,) = search(text, MONDAY, CN)
    assert (found.due.day, found.due.reason) == (None, reason)


def test_two_deadlines_are_two() -> None:
    found = search("Alice by COB Friday, Bob by Monday", MONDAY, CN)
    assert [f.due.day for f in found] == [date(2024, 5, 24), date(2024, 5, 27)]


def test_a_day_that_is_only_named_says_so() -> None:
    (found,) = search("张三，2024年6月15日", MONDAY, CN)
    assert not found.marked


def test_a_title_in_brackets_stays_whole() -> None:
    text = "【张三】完成测试报告（6月15日前），见附件"
    (found,) = search(text, MONDAY, CN)
    assert text[: found.start] + text[found.end :] == "【张三】完成测试报告，见附件"


MONTHS = "January February March April May June July August September October November December"


@given(st.dates(date(2015, 1, 1), date(2035, 12, 31)), st.sampled_from(FORMATS))
@bounded(max_examples=400, deadline=None)
def test_a_full_day_is_read_in_every_format(day: date, form: str) -> None:
    name = MONTHS.split()[day.month - 1]
    text = form.format(
        y=day.year,
        m=day.month,
        d=day.day,
        roc=day.year - 1911,
        name=name,
        short=name[:3],
        day=day.strftime("%A"),
        week="周" + "一二三四五六日"[day.weekday()],
    )
    due = parse(text, MONDAY, CN)
    assert (due.day, due.kind) == (day, "exact"), text
    assert set(due.warnings) <= {"past_date"}, text


@given(st.dates(date(2020, 1, 1), date(2026, 12, 31)), st.integers(-60, 300))
@bounded(max_examples=200, deadline=None)
def test_a_day_without_its_year_is_the_nearest(reference: date, offset: int) -> None:
    day = reference + timedelta(days=offset)
    for text in (f"{day.month}月{day.day}日", f"{day:%d} {MONTHS.split()[day.month - 1]}"):
        assert parse(text, reference, CN).day == day


@given(st.text(max_size=120))
@bounded(max_examples=300, deadline=None)
def test_no_text_raises(text: str) -> None:
    parse(text, MONDAY, CN)
    for found in search(text, MONDAY, CN):
        assert 0 <= found.start < found.end <= len(text)
        assert found.due.day or found.due.reason


WORDS = (
    *(
        "6月15日",
        "下周五",
        "3天内",
        "前",
        "后",
        "至",
        "或",
        "，",
        "截止",
        "延期至",
        "（",
        "）",
        "周五",
        "每",
    ),
    *(
        "by",
        "Friday",
        "15 June",
        "2024-06-15",
        "next week",
        "or",
        "-",
        "3",
        "/",
        "EOM",
        "TBD",
        "左右",
    ),
    *(
        "张三",
        "项目",
        "v",
        "月",
        "年",
        "号",
        "完成",
        "0",
        "99",
        "the 5th",
        "within",
        "in",
        "now",
        "was",
    ),
)


@given(st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join))
@bounded(max_examples=500, deadline=None)
def test_no_heap_of_date_words_raises(text: str) -> None:
    due = parse(text, MONDAY, CN)
    assert (due.day is None) == (due.kind in ("vague", "none"))
    for found in search(text, MONDAY, CN):
        assert text[found.start : found.end].strip()


@given(st.sampled_from(rows(REASONS)), st.sampled_from(["", "，", "（", "备注", "x", " ", "。"]))
@bounded(max_examples=200, deadline=None)
def test_no_vague_phrase_becomes_a_day_by_what_stands_beside_it(
    row: tuple[str, str], beside: str
) -> None:
    assert parse(row[0] + beside, MONDAY, CN).day is None
    assert parse(beside + row[0], MONDAY, CN).day is None


@pytest.mark.parametrize("word", ["张三", "约", "可能", "after ", "版本", "第", "every ", "maybe "])
@pytest.mark.parametrize(
    "phrase",
    [
        "6月15日",
        "2024-06-15",
        "下周五",
        "3天内",
        "月底前",
        "June 15",
        "Friday",
        "in 3 days",
        "EOM",
        "6/15",
    ],
)
def test_a_word_that_does_not_belong_refuses_a_day(phrase: str, word: str) -> None:
    assert parse(word + phrase, MONDAY, CN).day is None


@pytest.mark.parametrize(
    "unit",
    [
        *(
            "张三负责6月15日前完成，",
            "by Friday the 14th of June, ",
            "一二三四五六七八九十",
            "1/2-3.4~",
            "9",
        ),
        *(
            "now ",
            "the next ",
            "(((([",
            "每月",
            "within a ",
            "May may ",
            "a",
            "年",
            " ",
            "-",
            "周五（",
        ),
    ],
)
def test_time_is_linear(unit: str) -> None:
    def seconds(length: int) -> float:
        text = (unit * length)[:length]
        start = time.process_time()
        search(text, MONDAY, CN)
        parse(text[:200], MONDAY, CN)
        return time.process_time() - start

    seconds(100)
    short, long = (min(seconds(n) for _ in range(2)) for n in (1_000, 8_000))
    assert long < 40 * short + 0.05


def test_a_phrase_takes_little_time() -> None:
    phrases = [phrase for phrase, _ in rows(DAYS)] + REFUSED.split("|")
    spent = []
    for phrase in phrases:
        start = time.process_time()
        parse(phrase, MONDAY, CN)
        spent.append(time.process_time() - start)
    assert sorted(spent)[len(spent) * 99 // 100] < 0.002


def test_an_endless_cell_is_no_date() -> None:
    assert dates.parse("6月15日" * 100_000, MONDAY, CN).kind == "none"
