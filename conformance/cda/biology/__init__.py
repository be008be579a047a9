"""Templates of the laboratory report: sections, batteries, isolates, results, specimens, PDF copy.

One subject per file; ``conformance.cda.volets.cr_bio`` puts them together, one rule set per version.
"""
