"""The record of a relationship: what each side did, promised, allowed and withheld, entered and contested by either."""
