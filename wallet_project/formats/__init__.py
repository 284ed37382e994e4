"""How the back office writes days and times: in one order, of 24 hours, in UTC."""
