"""The command line: reads arguments, speaks to a server like anybody else, prints.

Start-up time counts here: a command is imported when it is called, and what only some of its ways need, when they need it.
"""
