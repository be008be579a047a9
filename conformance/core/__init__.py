"""The words of the house: verdicts, findings, errors, events, languages. Floor 0: imports nothing of ours."""
