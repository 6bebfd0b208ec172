"""Options of ``[nova_bridge]`` that both sides read, from the same file and with the same meaning and defaults."""

from oslo_config import cfg

import nova.conf

CONF = nova.conf.CONF

OPTIONS = [
    cfg.StrOpt('socket', default='/run/nova-bridge/bridge.sock',
               help='UNIX socket of the nova-bridge service.'),
    cfg.StrOpt('state_path', default='/var/lib/nova-bridge',
               help="Folder of the service's own state; files are handed over in its folder exchange."),
]

CONF.register_opts(OPTIONS, group='nova_bridge')
