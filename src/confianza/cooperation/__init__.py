"""What the partners do together: institutions, programs, cases, money, training. Plain Python only."""
