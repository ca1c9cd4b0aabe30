"""The verbs that English tasks begin with. Pure."""

_WORDS = """
accept acknowledge acquire activate add address adjust agree align allow analyse analyze
announce apply appoint approach archive arrange ask assess assign attach attend audit backfill
backport ban benchmark block book boost brainstorm bring broadcast build bump buy calculate
calibrate call cancel capture cease celebrate centralise centralize certify change chase check
circulate cite clarify classify clean clear clone close coach collate collect combine comment
commit communicate compare compile complete compress compute conduct configure confirm connect
consider consolidate construct consult contact continue convert coordinate copy correct cover
craft create customise customize cut debate debug decide declare deduplicate define delegate
delete deliver demonstrate deploy deprecate derive describe design detail detect determine
develop devise diagnose direct disable discuss dispatch display dispose distribute divide
document donate download draft drop edit eliminate email embed emphasise emphasize enable
encourage enforce engage enhance enlist enrich ensure enter enumerate equip escalate establish
estimate evaluate examine exchange exclude execute expand expedite experiment explain explore
export expose extend extract fetch file fill finalise finalize finance find finish fix flag
follow force forecast formalise formalize format formulate forward freeze fund gather generate
get give grow guide handle harmonise harmonize help hide highlight hire hook host identify
implement import improve include incorporate increase indicate inform initialise initialize
initiate insert inspect inspire install instruct instrument integrate interpret interview
introduce invest investigate invite invoice isolate issue itemise itemize join jot keep kick
land launch lead liaise list locate log look lower maintain make manage map mark measure meet
mention merge migrate mitigate modify monitor move negotiate nominate notify observe obtain
onboard open operate optimise optimize order organise organize outline overhaul override paint
parse pass paste pay perform pick pilot pin ping plan poll populate post prepare present prevent
prioritise prioritize prize probe proceed process procure produce prohibit promote proofread
propose prototype prove provide prune publish pull purchase purge push put quantify queue raise
rank reach read readjust reassess reassign rebase rebuild recap receive recheck recommend
reconcile reconsider reconstruct record recruit redesign redirect redo redraft reduce refactor
refine reformat regenerate register rehearse reinforce reinstall reiterate reject relate relax
release relocate rely remediate remind remove rename renew reorganise reorganize repair repeat
rephrase replace replan replicate reply report repurpose request reschedule research resend
reserve reset reshape resolve respond restart restore restrict restructure retain retest retire
retrieve retry return reuse revamp revert review revise revisit revive reword rework rewrite
roll rotate run safeguard sanitise sanitize save scan schedule scope secure see seek select send
separate serve set settle setup share shift ship shorten show shrink sign simplify sketch skip
solicit solidify solve sort source specify split sponsor stabilise stabilize stand standardise
standardize start steer stop store streamline strengthen study submit subscribe suggest
summarise summarize support suspend swap switch sync synchronise synchronize tabulate tag tailor
take talk teach tell terminate test tidy tighten trace track train transfer transition translate
treat triage trigger trim try tune turn unblock undo unify uninstall unpack update upgrade
upload use validate verify visit visualise visualize volunteer walk warn watch weigh widen wire
withdraw work wrap write
"""
IMPERATIVES = frozenset(_WORDS.split())
