"""How far people get through given steps in order, inside a window."""
