"""`make demo`: people, and what they did with their wallets these last weeks, so that the back office has something to
show. All of it goes through the one door, at the times that it is dated.
"""
