"""What can be done, one module a stage: load, ask the rules, write rows and the event, in one transaction."""
