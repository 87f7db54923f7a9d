package tributary.gateway.http;

import io.helidon.common.buffers.DataReader;
import io.helidon.common.buffers.DataWriter;
import io.helidon.common.socket.HelidonSocket;
import io.helidon.common.socket.PeerInfo;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.ListenerContext;
import io.helidon.webserver.ProxyProtocolData;
import io.helidon.webserver.Router;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.security.Principal;
import java.security.cert.Certificate;
import java.util.Optional;
import java.util.concurrent.ExecutorService;

/// A load balancer's connection, as if the client that it speaks for had opened it.
record ToldContext(ConnectionContext balancer, InetSocketAddress client) implements ConnectionContext {
    @Override
    public PeerInfo remotePeer() {
        return new From(client);
    }

    @Override
    public PeerInfo localPeer() {
        return balancer.localPeer();
    }

    @Override
    public boolean isSecure() {
        return balancer.isSecure();
    }

    @Override
    public String socketId() {
        return balancer.socketId();
    }

    @Override
    public String childSocketId() {
        return balancer.childSocketId();
    }

    @Override
    public ListenerContext listenerContext() {
        return balancer.listenerContext();
    }

    @Override
    public ExecutorService executor() {
        return balancer.executor();
    }

    @Override
    public DataWriter dataWriter() {
        return balancer.dataWriter();
    }

    @Override
    public DataReader dataReader() {
        return balancer.dataReader();
    }

    @Override
    public Router router() {
        return balancer.router();
    }

    @Override
    public Optional<ProxyProtocolData> proxyProtocolData() {
        return balancer.proxyProtocolData();
    }

    @Override
    public HelidonSocket serverSocket() {
        return balancer.serverSocket();
    }

    private record From(InetSocketAddress client) implements PeerInfo {
        @Override
        public SocketAddress address() {
            return client;
        }

        @Override
        public String host() {
            return client.getHostString();
        }

        @Override
        public int port() {
            return client.getPort();
        }

        @Override
        public Optional<Principal> tlsPrincipal() {
            return Optional.empty();
        }

        @Override
        public Optional<Certificate[]> tlsCertificates() {
            return Optional.empty();
        }
    }
}
