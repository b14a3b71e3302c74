"""A wire to PostgreSQL that is cut just when a commit has gone through and nobody has been told."""

from __future__ import annotations

import socket
import threading
from pathlib import Path

COMMIT = b"COMMIT\x00"
_PIECE = 65_536


class Wire:
    """Listens on a port of this machine and passes everything on to the server's Unix socket."""

    def __init__(self, upstream: Path) -> None:
        self._upstream = upstream
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.cuts = False
        """Whether the next commit is the last thing that goes through."""
        self.cut = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            server.connect(str(self._upstream))
            threading.Thread(target=self._down, args=(server, client), daemon=True).start()
            threading.Thread(target=self._up, args=(client, server), daemon=True).start()

    def _up(self, client: socket.socket, server: socket.socket) -> None:
        """What the client says; after its commit the answer never comes."""
        try:
            while piece := client.recv(_PIECE):
                last = self.cuts and COMMIT in piece
                if last:
                    self.cuts = False
                    self._silence(client)
                server.sendall(piece)
                if last:
                    # The server needs its moment to commit before it finds nobody there.
                    self.cut.wait(1)
                    return
        except OSError:
            return
        finally:
            client.close()

    def _silence(self, client: socket.socket) -> None:
        client.shutdown(socket.SHUT_WR)

    def _down(self, server: socket.socket, client: socket.socket) -> None:
        try:
            while piece := server.recv(_PIECE):
                client.sendall(piece)
        except OSError:
            self.cut.set()
        finally:
            server.close()
