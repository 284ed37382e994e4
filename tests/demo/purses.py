"""What each person has at least, and at most, as far as a story can know that does not know the date.

Salaries come when the calendar says, so that a story cannot count on them; refunds may come or not. What is spent is
within the least, so that it goes well; what shall fail for want of funds is beyond the most. So the share of failures
is what the story wants, and the same seed asks for the same amounts on any day.
"""

from array import array


class Purses:
    """Two numbers for each person, in hundredths; they take 16 bytes however much happens."""

    def __init__(self, people: int) -> None:
        self.least = array("q", bytes(8 * people))
        self.most = array("q", bytes(8 * people))

    def put(self, person: int, amount: int) -> None:
        """Money that certainly comes in."""
        self.least[person] += amount
        self.most[person] += amount

    def perhaps(self, person: int, amount: int) -> None:
        """Money that may come in."""
        self.most[person] += amount

    def take(self, person: int, amount: int) -> None:
        """Money that certainly goes out."""
        self.put(person, -amount)

    def reserve(self, person: int, amount: int) -> None:
        """Money that may go out."""
        self.least[person] -= amount
