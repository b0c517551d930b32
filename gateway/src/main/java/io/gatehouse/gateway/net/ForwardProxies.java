package io.gatehouse.gateway.net;

import io.gatehouse.auth.Secret;
import io.gatehouse.gateway.settings.ForwardProxy;
import io.gatehouse.gateway.settings.HostPort;
import io.gatehouse.tls.TlsContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.proxy.HttpProxyHandler;
import io.netty.handler.proxy.ProxyHandler;
import io.netty.handler.proxy.Socks5ProxyHandler;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** Leads connections through a forward proxy. */
public final class ForwardProxies {

  private final ForwardProxy proxy;
  private final @Nullable TlsContext tls;

  /**
   * @param tls for the way to the proxy itself, or null for plaintext
   */
  public ForwardProxies(ForwardProxy proxy, @Nullable TlsContext tls) {
    this.proxy = proxy;
    this.tls = tls;
  }

  /** Where the proxy is. */
  HostPort address() {
    return proxy.address();
  }

  /**
   * Has a connection that is about to be made go through the proxy.
   *
   * @param address the proxy's, looked up
   */
  void lead(SocketChannel channel, InetSocketAddress address) {
    ChannelPipeline stages = channel.pipeline();
    if (tls != null) {
      stages.addBefore(
          UnclaimedFailures.NAME,
          null,
          tls.dialling(channel.alloc(), proxy.address().host(), proxy.address().port()));
    }
    stages.addBefore(UnclaimedFailures.NAME, null, handler(address));
  }

  private ProxyHandler handler(InetSocketAddress address) {
    Secret password = proxy.password();
    ProxyHandler handler =
        switch (proxy.kind()) {
          case SOCKS5 ->
              password == null
                  ? new Socks5ProxyHandler(address)
                  : new Socks5ProxyHandler(address, proxy.user(), password.reveal());
          case HTTP ->
              password == null || proxy.user() == null
                  ? new HttpProxyHandler(address)
                  : new HttpProxyHandler(address, proxy.user(), password.reveal());
        };
    handler.setConnectTimeoutMillis(0); // the dial has a time limit of its own
    return handler;
  }
}
