"""Heat that is gone now: from suspects to episodes, what else explains them, what they are called.

Everything here is carried from slot to slot in one memory.
"""
