# For running from a checkout with PYTHONPATH: the folders of Nova itself are found behind this one.
# Not installed: tools/shim puts nova/virt/bridge into Nova's own folder.
__path__ = __import__('pkgutil').extend_path(__path__, __name__)
