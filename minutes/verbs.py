"""The verbs that English tasks begin with. Pure."""

_WORDS = """
add address adjust agree align analyse analyze announce apply appoint approach arrange ask
assess assign attend backport benchmark book bring build buy call cancel capture change chase
check circulate clarify clean clear close collate collect combine comment communicate compare
compile complete conduct confirm consider consult contact continue convert coordinate copy
correct cover create cut debug decide define delete deliver deploy describe design determine
develop discuss distribute divide document draft drop edit email enable engage ensure escalate
establish estimate evaluate examine expand experiment explain explore export extend extract file
fill finalise finalize find finish fix flag follow format forward freeze gather generate get
give help hire host identify implement import improve include inform insert inspect install
integrate interview introduce investigate invite issue join keep kick land launch lead list
locate log look maintain make map mark measure meet merge migrate modify monitor move nominate
notify obtain onboard open order organise organize outline pay perform pick pilot ping plan
populate post prepare present prioritise prioritize prize process produce promote propose
prototype provide publish pull purchase push put raise rank reach read rebase recheck recommend
record recruit reduce refactor refine register rehearse release remind remove rename renew
reorganise reorganize replace reply report request research reserve resolve respond restart
retest return revert review revise rewrite roll rotate run scan schedule scope secure see select
send set setup share ship show sign simplify solicit solve sort source split stand start stop
streamline study submit suggest summarise summarize support switch sync take talk tell test tidy
trace track train transfer translate triage try tune turn update upgrade upload use validate
"""
IMPERATIVES = frozenset(_WORDS.split())
