"""The six people of every example, by the name of their work: their accounts in the demo."""

PEOPLE = {
    "case manager": "case-manager",
    "resource manager": "resource-manager",
    "state reviewer": "state-reviewer",
    "security cooperation officer": "cooperation-officer",
    "assessor": "assessor",
    "partner liaison": "enlace",
}
