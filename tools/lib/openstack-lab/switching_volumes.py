#!/usr/bin/python3
"""A host whose disks are thick logical volumes goes from Nova's own driver to nova-bridge and back. Its machine starts anew
with each change, so this is also the host that was rebooted for it: a hard reboot brings its servers back."""

import servers
import switching
import volumes


class SwitchingVolumes(switching.Switch, volumes.Case):

    def made_by(self, driver):
        server = self.server('by-' + driver, 'guest')
        self.disk(server, 1)
        self.step('a server of ' + driver)
        return server

    def goes_on(self, server, driver):
        self.switch(driver)
        if driver == switching.OURS and volumes.is_encrypted():
            # Nova keeps nowhere how a disk is encrypted: its configuration of then says it, and the operator tells us.
            for name in (name for name, _, _ in volumes.volumes() if name.endswith('_disk')):
                servers.on_compute('lvchange', '--addtag', 'nb-crypt=plain:512:aes-xts-plain64', volumes.GROUP + '/' + name)
        self.step('the host goes over to ' + driver)
        server.act('reboot', 'ACTIVE', '--hard')
        self.disk(server, 1)
        self.assertEqual([server.id + '_disk'], self.own(server))
        self.step('its guest is ready')

    def test_servers_go_on_with_the_other_driver(self):
        self.switch(switching.STOCK)
        server = self.made_by(switching.STOCK)
        unused = self.made_by(switching.STOCK)
        self.goes_on(server, switching.OURS)
        unused.delete()
        self.picture(server)
        self.step('a picture')
        server.act('resize', 'VERIFY_RESIZE', '--flavor', 'm1.micro')
        server.act('resize confirm', 'ACTIVE')
        self.disk(server, 2)
        server.delete()
        self.step('resize and delete')
        server = self.made_by(switching.OURS)
        if volumes.is_encrypted():
            # Nova neither starts nor deletes a guest whose mapping a reboot of the host has closed (VolumeBDMPathNotFound),
            # nor one of its own. Ours deletes it after that too.
            self.switch(switching.STOCK)
            servers.openstack('server', 'delete', server.id, parse=False)
            servers.until('the delete has failed', lambda: server.show()['status'] == 'ERROR')
            self.switch(switching.OURS)
            server.delete()
            return
        self.goes_on(server, switching.STOCK)
        server.delete()
        # What ours still has of it goes with its next start.
        self.switch(switching.OURS)


if __name__ == '__main__':
    servers.run(SwitchingVolumes)
