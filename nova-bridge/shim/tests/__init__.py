"""Tests of the shim on Debian's python3-nova; ``run.py`` runs them and says how each ended."""

import os

import nova.virt

# Beside Nova's own drivers, as the installed shim is.
_SHIM = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), 'nova', 'virt')
if _SHIM not in nova.virt.__path__:
    nova.virt.__path__.append(_SHIM)
