"""The credit of a link on which a client sends, renewed before it runs out."""

from local.hub.performatives import Attach
from local.hub.replies import Credit
from local.hub.session import Session

_MASK = 0xFFFFFFFF


class IncomingCredit:
    """Counts a client's deliveries and keeps at least half of the link's credit open."""

    def __init__(self, session: Session, attach: Attach, link_credit: int) -> None:
        """Grant no credit before the attach is answered."""
        self._session = session
        self._handle = attach.handle
        self._delivery_count = attach.initial_delivery_count
        self._link_credit = link_credit
        self._left = 0

    def grant(self) -> None:
        """Grant the full credit."""
        self._left = self._link_credit
        self._session.send_flow(
            Credit(
                handle=self._handle,
                delivery_count=self._delivery_count,
                link_credit=self._link_credit,
            )
        )

    def count_delivery(self) -> None:
        """Count a received delivery."""
        self._delivery_count = (self._delivery_count + 1) & _MASK
        self._left -= 1
        if self._left <= self._link_credit // 2:
            self.grant()
