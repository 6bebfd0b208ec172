"""Each type of problem is one class of Nova's, and the table is the service's."""

import os
import re
import unittest

from nova import exception
from nova.virt.bridge import problems

ERROR_CODES = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', '..', 'driver', 'src', 'main',
                           'java', 'org', 'novabridge', 'driver', 'model', 'ErrorCode.java')


class ProblemsTest(unittest.TestCase):
    def test_the_table_is_that_of_the_service(self):
        with open(ERROR_CODES, encoding='utf-8') as source:
            codes = re.findall(r'^    [A-Z_]+\("([a-z-]+)", "(\w+)", \d+, \d\)[,;]$', source.read(), re.MULTILINE)
        self.assertGreater(len(codes), 30)
        self.assertEqual(dict(codes), problems.TYPES)

    def test_each_type_makes_an_exception_of_its_class_with_its_text(self):
        for word, name in problems.TYPES.items():
            with self.subTest(word):
                made = problems.exception_of(
                    {'type': '/problems/' + word, 'detail': 'what 100% happened', 'remedy': 'what to do'})
                self.assertEqual(name, type(made).__name__)
                self.assertIn('what 100% happened (what to do)', str(made))

    def test_a_refused_resize_has_the_reason_inside(self):
        made = problems.exception_of({'type': '/problems/resize-refused', 'detail': 'the disk would shrink'})
        self.assertIsInstance(made, exception.InstanceFaultRollback)
        self.assertIsInstance(made.inner_exception, exception.ResizeError)
        self.assertIn('the disk would shrink', made.inner_exception.format_message())

    def test_what_is_not_supported_is_the_exception_that_nova_looks_for(self):
        self.assertIsInstance(problems.exception_of({'type': '/problems/not-supported'}), NotImplementedError)

    def test_a_type_of_a_newer_service_has_the_class_that_it_names(self):
        made = problems.exception_of({'type': '/problems/new', 'detail': 'x', 'nova_exception': 'DiskNotFound'})
        self.assertIsInstance(made, exception.DiskNotFound)

    def test_no_problem_makes_anything_else_than_an_exception_of_novas(self):
        for name in ('os', 'LOG', 'ConvertedException', 'no such', '', None, 7):
            with self.subTest(name):
                made = problems.exception_of({'type': '/problems/new', 'nova_exception': name})
                self.assertIs(exception.InternalError, type(made))
        self.assertIn('without a reason', str(problems.exception_of({})))
