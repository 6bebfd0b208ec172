"""Where the bridge of a run is, and an image for its guests."""

import os
import subprocess
import tempfile

# socket and state_path of the bridge; image, the bytes of an empty disk.
PLACES = {}


def take(socket, state):
    """Remembers the bridge and makes the image."""
    with tempfile.TemporaryDirectory() as folder:
        name = os.path.join(folder, 'i')
        subprocess.run(['qemu-img', 'create', '-q', '-f', 'qcow2', name, '1M'], check=True)
        with open(name, 'rb') as content:
            PLACES.update(socket=socket, state=state, image=content.read())
