"""nova-bridge's compute driver: ``compute_driver = bridge.BridgeDriver``.

A thin layer between nova-compute and the nova-bridge service on the same host: Nova's objects become JSON,
the service's problems become Nova's exceptions. What a guest gets is decided in the service, never here.
"""

from nova.virt.bridge import driver

BridgeDriver = driver.BridgeDriver
