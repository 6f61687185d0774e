"""Every write. Each function is one transaction: it locks, checks permission, state and
window, writes, and records the event. Keyword arguments, the person who acts first."""
