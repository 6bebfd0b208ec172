package org.novabridge.driver.xml;

import jakarta.xml.bind.annotation.XmlAccessType;
import jakarta.xml.bind.annotation.XmlAccessorType;
import jakarta.xml.bind.annotation.XmlAttribute;
import jakarta.xml.bind.annotation.XmlRootElement;
import jakarta.xml.bind.annotation.XmlType;

/** libvirt's document of a secret; its value never stands in it. */
@XmlRootElement(name = "secret")
@XmlAccessorType(XmlAccessType.FIELD)
@XmlType(propOrder = {"uuid", "usage"})
final class SecretBean {
    @XmlAttribute
    String ephemeral = "yes";

    @XmlAttribute(name = "private")
    String hidden = "yes";

    String uuid = "";

    Usage usage = new Usage();

    @XmlAccessorType(XmlAccessType.FIELD)
    static final class Usage {
        @XmlAttribute
        String type = "volume";

        String volume = "";
    }
}
