#!/usr/bin/python3
"""Fills the lab's cloud with what it begins with; what is there already stays. One process instead of some thirty
calls of the command line, each of which takes seconds. Reads the OS_… variables of openrc.

usage: catalog.py services     service users with their roles, services, endpoints
       catalog.py awake        Neutron's models are complete
       catalog.py seed IMAGE   flavors, images and a network for trying it
"""

import os
import sys

from keystoneauth1 import adapter
from keystoneauth1 import session
from keystoneauth1.identity import v3
from keystoneclient.v3 import client

SERVICES = (('placement', 'placement', ':8778'), ('glance', 'image', ':9292'), ('nova', 'compute', ':8774/v2.1'),
            ('neutron', 'network', ':9696'), ('cinder', 'volumev3', ':8776/v3/%(project_id)s'))
# name, MiB of memory, GiB of root disk
FLAVORS = (('m1.nano', 128, 1), ('m1.micro', 192, 2))
IMAGES = ('guest', 'guest-alt')
NETWORK = 'lab'


def login():
    """A session of the lab's administrator."""
    given = os.environ
    return session.Session(auth=v3.Password(
        auth_url=given['OS_AUTH_URL'], username=given['OS_USERNAME'], password=given['OS_PASSWORD'],
        project_name=given['OS_PROJECT_NAME'], user_domain_name='Default', project_domain_name='Default'))


def services(administrator):
    keystone = client.Client(session=administrator, region_name='RegionOne', interface='public')
    projects = {one.name: one for one in keystone.projects.list(domain='default')}
    project = projects.get('service') or keystone.projects.create('service', 'default')
    roles = {one.name: one for one in keystone.roles.list()}
    for name in ('service', 'member', 'reader'):
        if name not in roles:
            roles[name] = keystone.roles.create(name)
    users = {one.name: one for one in keystone.users.list(domain='default')}
    known = {one.type: one for one in keystone.services.list()}
    endpoints = {(one.service_id, one.interface) for one in keystone.endpoints.list()}
    base = os.environ['OS_AUTH_URL'].rsplit(':', 1)[0]
    for name, kind, place in SERVICES:
        user = users.get(name) or keystone.users.create(name, domain='default', password=os.environ['OS_PASSWORD'])
        for role in ('admin', 'service'):
            keystone.roles.grant(roles[role], user=user, project=project)
        service = known.get(kind) or keystone.services.create(name, type=kind)
        for interface in ('public', 'internal'):
            if (service.id, interface) not in endpoints:
                keystone.endpoints.create(service.id, base + place, interface=interface, region='RegionOne')


def seed(administrator, image):
    nova = adapter.Adapter(administrator, service_type='compute', interface='public')
    glance = adapter.Adapter(administrator, service_type='image', interface='public')
    flavors(nova, FLAVORS)
    network(adapter.Adapter(administrator, service_type='network', interface='public'))
    for name in IMAGES:
        upload(glance, name, image)


def flavors(nova, wanted):
    known = {one['name'] for one in nova.get('/flavors').json()['flavors']}
    for name, memory, disk in wanted:
        if name not in known:
            nova.post('/flavors', json={'flavor': {'name': name, 'ram': memory, 'vcpus': 1, 'disk': disk}})


def upload(glance, name, file):
    """A public image of a qcow2 file; one of that name that can be used already stays."""
    if any(one['status'] == 'active' for one in glance.get('/v2/images?name=' + name).json()['images']):
        return
    made = glance.post('/v2/images', json={
        'name': name, 'disk_format': 'qcow2', 'container_format': 'bare', 'visibility': 'public'}).json()
    with open(file, 'rb') as content:
        glance.put('/v2/images/%s/file' % made['id'], data=content,
                   headers={'Content-Type': 'application/octet-stream'})


def awake(administrator):
    """A Neutron that was just started fails each question for ports until it was asked for something else: its models
    are joined by the first query, and that question names a part of them (Port.port_forwardings) before it queries."""
    adapter.Adapter(administrator, service_type='network', interface='public').get('/v2.0/networks')


def network(neutron):
    """One network of the administrator's, whose guests set no addresses: nothing serves them any. Users would have to choose between it and their own."""
    if not neutron.get('/v2.0/networks?name=' + NETWORK).json()['networks']:
        made = neutron.post('/v2.0/networks', json={'network': {'name': NETWORK}}).json()['network']
        neutron.post('/v2.0/subnets', json={'subnet': {
            'network_id': made['id'], 'ip_version': 4, 'cidr': '10.99.0.0/24', 'enable_dhcp': False,
            'gateway_ip': None}})


if __name__ == '__main__':
    {'services': services, 'awake': awake, 'seed': seed}[sys.argv[1]](login(), *sys.argv[2:])
