"""The engine of every process: dated rulebooks, the steps taken under them, and the gates that refuse a step."""
