package org.novabridge.driver.xml;

import jakarta.xml.bind.JAXBContext;
import org.novabridge.driver.model.VolumeSecret;

/** libvirt's document of the secret of a volume: private, and in the memory of libvirt alone. */
public final class SecretXml {
    private static final JAXBContext CONTEXT = DomainXml.context(SecretBean.class);

    private SecretXml() {}

    /** The document for {@code virSecretDefineXML}. */
    public static String write(VolumeSecret secret) {
        SecretBean bean = new SecretBean();
        bean.uuid = secret.uuid();
        bean.usage.volume = secret.volume();
        return DomainXml.text(CONTEXT, bean, "the secret of a volume", "Look at the id of the volume.");
    }
}
