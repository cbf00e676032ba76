"""The steps from one form of the tables to the next, forward and back; `database` runs them."""
