"""What must hold when many write at once, when processes are killed, and when there are very many cases."""
