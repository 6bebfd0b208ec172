"""Every method takes what Nova gives it: compared with the driver's base class and Nova's own libvirt driver."""

import inspect
import json
import os
import unittest

from nova.virt.bridge import driver as bridge
from nova.virt import driver
from nova.virt.libvirt import driver as libvirt

HERE = os.path.dirname(os.path.abspath(__file__))

# What later releases have in addition (share_info from 2025.1 on).
LATER = {'share_info'}


def methods():
    for name, function in inspect.getmembers(bridge.BridgeDriver, inspect.isfunction):
        if not name.startswith('_') and hasattr(driver.ComputeDriver, name):
            if function is not getattr(driver.ComputeDriver, name):
                yield name, function


class SignaturesTest(unittest.TestCase):
    def test_nothing_public_is_ours_alone(self):
        base = dict(inspect.getmembers(driver.ComputeDriver))
        ours = [name for name in dir(bridge.BridgeDriver) if not name.startswith('_') and name not in base]
        self.assertEqual([], ours)

    def test_there_are_methods(self):
        self.assertGreater(len(list(methods())), 30)

    def test_arguments_have_the_names_order_and_defaults_of_novas(self):
        for name, function in methods():
            for nova in (driver.ComputeDriver, libvirt.LibvirtDriver):
                with self.subTest(name, nova=nova.__name__):
                    if hasattr(nova, name):
                        self.compare(inspect.signature(function), inspect.signature(getattr(nova, name)))

    def compare(self, ours, novas):
        positional = [each for each in ours.parameters.values()
                      if each.kind == each.POSITIONAL_OR_KEYWORD and each.name not in LATER]
        more = any(each.kind == each.VAR_POSITIONAL for each in ours.parameters.values())
        for place, expected in enumerate(novas.parameters.values()):
            if expected.kind == expected.VAR_POSITIONAL:
                continue
            if place < len(positional):
                found = positional[place]
                self.assertEqual(expected.name, found.name)
                self.assertEqual(expected.default is expected.empty, found.default is found.empty, expected.name)
            else:
                self.assertTrue(more and expected.name in ours.parameters, expected.name)
        known = {each.name for each in novas.parameters.values()}
        for found in positional[len(novas.parameters):]:
            self.assertTrue(found.name in known or found.default is not found.empty, found.name)

    def test_every_call_of_later_releases_fits(self):
        """As their source has them: made by nova_calls.py."""
        with open(os.path.join(HERE, 'nova-calls.json'), encoding='utf-8') as file:
            releases = json.load(file)
        self.assertEqual(['2023.1', '2023.2', '2024.1', '2024.2', '2025.1', '2025.2', '2026.1'], sorted(releases))
        ours = dict(methods())
        for release, said in releases.items():
            called = ours.keys() & said['calls'].keys()
            self.assertGreater(len(called), 45, release)
            for name in sorted(called):
                for count, keywords in said['calls'][name]:
                    with self.subTest(release=release, method=name, keywords=keywords):
                        # The driver itself, then what Nova gives it.
                        inspect.signature(ours[name]).bind(None, *[None] * count, **dict.fromkeys(keywords))

    def test_only_what_works_is_promised(self):
        self.assertEqual(set(driver.ComputeDriver.capabilities), set(bridge.BridgeDriver.capabilities))
        promised = {name for name, value in bridge.BridgeDriver.capabilities.items() if value}
        self.assertEqual({'supports_device_tagging', 'supports_tagged_attach_interface', 'supports_tagged_attach_volume',
                          'supports_trusted_certs', 'supports_image_type_iso', 'supports_image_type_qcow2',
                          'supports_image_type_raw', 'supports_multiattach', 'supports_extend_volume',
                          'supports_attach_interface', 'has_imagecache', 'supports_evacuate',
                          'supports_bfv_rescue'}, promised)
