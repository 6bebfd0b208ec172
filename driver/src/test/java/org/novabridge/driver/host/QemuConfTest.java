package org.novabridge.driver.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QemuConfTest {

    @Test
    void everyKindOfValueIsReadWithItsLine() throws Exception {
        QemuConf conf = QemuConf.parse("""
                # a comment with key = "value"
                user = "libvirt-qemu"
                group='kvm'   # behind a value
                dynamic_ownership = 1

                namespaces = [ ]
                cgroup_device_acl = [
                    "/dev/null", "/dev/full",   # one comment inside
                    "/dev/kvm",
                ]
                text = \"""two
                lines\"""
                migration_port_min = -1
                user = "later"
                """);
        assertThat(conf.text("user")).contains("later");
        assertThat(conf.find("user").orElseThrow().line()).isEqualTo(14);
        assertThat(conf.text("group")).contains("kvm");
        assertThat(conf.text("dynamic_ownership")).contains("1");
        assertThat(conf.find("namespaces").orElseThrow().values()).isEmpty();
        assertThat(conf.find("cgroup_device_acl").orElseThrow().values())
                .isEqualTo(List.of("/dev/null", "/dev/full", "/dev/kvm"));
        assertThat(conf.text("text")).contains("two\nlines");
        assertThat(conf.text("migration_port_min")).contains("-1");
        assertThat(conf.text("absent")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "user \"x\"|line 1: '=' was expected after user",
                "user = x|line 1: a quoted text, a number or a list was expected",
                "user = \"x|line 1: a text is not closed",
                "a = [ 1 2 ]|line 1: ',' or ']' was expected in a list",
                "= 1|line 1: a key was expected"
            })
    void whatLibvirtWouldNotReadIsNamedWithItsLine(String text, String message) {
        assertThatThrownBy(() -> QemuConf.parse(text))
                .isInstanceOf(QemuConf.SyntaxException.class)
                .hasMessage(message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n\n", "# only this", "\r\n"})
    void anEmptyFileIsNoError(String text) throws Exception {
        assertThat(QemuConf.parse(text).find("user")).isEmpty();
    }
}
