"""The people of every example, by the name of their work: their accounts in the demo.

Six of them stand in the examples; the others fill the roles that are left, for what must hold of every role.
"""

SIX = {
    "case manager": "case-manager",
    "resource manager": "resource-manager",
    "state reviewer": "state-reviewer",
    "security cooperation officer": "cooperation-officer",
    "assessor": "assessor",
    "partner liaison": "enlace",
}
PEOPLE = SIX | {
    "country program director": "program-director",
    "case writer": "case-writer",
    "requesting authority": "requesting-authority",
    "combatant-command overseer": "command-overseer",
    "auditor": "auditor",
    "administrator": "administrator",
}
