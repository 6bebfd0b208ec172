"""What the agent of a guest is asked for, and what its owner finds afterwards."""

from unittest import mock

from nova import exception
from tests import bridge_stub
from tests import driver_case
from tests import guests
from nova.virt.bridge import agent
from nova.virt.bridge import client

DONE = {'id': 'o', 'state': 'done', 'kind': 'unquiesce', 'result': {'held': True}}


class AgentTest(driver_case.DriverCase):
    def test_the_password_goes_as_bytes_and_is_kept_for_nobody_without_a_key(self):
        self.driver.set_admin_password(self.instance, 'gehe\u00efm')
        self.assertEqual('gehe\u00efm'.encode('utf-8'), self.bodies['password'])
        self.instance.save.assert_not_called()

    def test_the_owner_of_the_private_key_finds_the_password_sealed(self):
        self.instance = guests.instance(key_data='ssh-rsa AAAA', system_metadata={})
        with mock.patch.object(agent.crypto, 'ssh_encrypt_text', return_value=b'sealed') as seal:
            self.driver.set_admin_password(self.instance, 'geheim')
        seal.assert_called_once_with('ssh-rsa AAAA', 'geheim')
        self.assertEqual('c2VhbGVk', self.instance.system_metadata['password_0'])
        self.assertNotIn('geheim', str(self.instance.system_metadata))
        self.instance.save.assert_called_once_with()

    def test_a_password_that_is_not_set_is_kept_for_nobody(self):
        self.instance = guests.instance(key_data='ssh-rsa AAAA', system_metadata={})
        for failure in (exception.QemuGuestAgentNotEnabled('no agent'), NotImplementedError('nobody answers')):
            self.answers['password'] = failure
            with self.assertRaises(type(failure)):
                self.driver.set_admin_password(self.instance, 'geheim')
        self.instance.save.assert_not_called()

    def test_file_systems_are_frozen_and_thawed(self):
        self.driver.quiesce(guests.admin(), self.instance, guests.image())
        self.answers['unquiesce'] = {'held': True}
        with mock.patch.object(agent.LOG, 'warning') as warning:
            self.driver.unquiesce(guests.admin(), self.instance, guests.image())
            warning.assert_not_called()
            self.answers['unquiesce'] = {'held': False}
            self.driver.unquiesce(guests.admin(), self.instance, guests.image())
            warning.assert_called_once()
        self.assertEqual(['quiesce', 'unquiesce', 'unquiesce'], self.calls)

    def test_a_crash_dump_is_an_interrupt(self):
        self.driver.trigger_crash_dump(self.instance)
        self.assertEqual(['crash-dump'], self.calls)

    def test_bytes_are_sent_as_they_are(self):
        seen = []

        def answer(request):
            seen.append((request.method, request.path, request.headers['Content-Type'], request.body, request.key))
            return 200, DONE
        with bridge_stub.Stub(answer) as stub:
            client.Client(stub.path).change('/v1/instances/u/password', b'{"a": 1}', method='PUT')
        self.assertEqual([('PUT', '/v1/instances/u/password', 'application/octet-stream', b'{"a": 1}')],
                         [one[:4] for one in seen])
        self.assertTrue(seen[0][4])
