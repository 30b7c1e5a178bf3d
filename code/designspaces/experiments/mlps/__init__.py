"""Which MLPs are good, and do small ones foretell the large?"""
