"""The initials by which minutes name those again who were there. Pure."""

# Initials that mean something else everywhere.
_TERMS = frozenset({
    "AI", "AM", "AOB", "AP", "API", "CD", "CEO", "CI", "CPU", "CTO", "DB", "DNS", "EU", "FAQ",
    "GPU", "HR", "ID", "IP", "IT", "OK", "OS", "PC", "PDF", "PM", "PR", "QA", "RFC", "SIG", "SQL",
    "TAG", "TBA", "TBC", "TBD", "TC", "TSC", "TV", "UI", "UK", "UN", "URL", "US", "UX", "VM", "WG",
})  # fmt: skip


def initials_of(name: str) -> str:
    """Return the initials of a name, empty where they may mislead."""
    words = name.split()
    short = "".join(word[0] for word in words)
    fit = 2 <= len(words) <= 4 and short.isascii() and short.isalpha() and short.isupper()
    return short if fit and short not in _TERMS else ""
