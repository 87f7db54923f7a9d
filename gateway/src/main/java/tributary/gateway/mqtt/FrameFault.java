package tributary.gateway.mqtt;

import java.io.IOException;

/// A client broke the protocol that carries its packets. Its connection ends; the sentence is for its owner.
public final class FrameFault extends IOException {
    private static final long serialVersionUID = 1;

    public FrameFault(String sentence) {
        super(sentence);
    }
}
