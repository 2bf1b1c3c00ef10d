package dev.milonga.log.server.grpc;

import dev.milonga.log.Principal;
import io.grpc.ServerCredentials;
import io.grpc.TlsServerCredentials;
import io.grpc.TlsServerCredentials.ClientAuth;
import io.grpc.util.AdvancedTlsX509KeyManager;
import io.grpc.util.AdvancedTlsX509TrustManager;
import io.grpc.util.AdvancedTlsX509TrustManager.Verification;
import io.grpc.util.CertificateUtils;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/** The certificates of a server, and which of its clients' it believes; from files in PEM form. */
final class Certificates {

  private Certificates() {}

  /**
   * Credentials that follow the files.
   *
   * @param authorities of the clients' certificates, which are then required; null if clients need
   *     none
   * @throws IllegalArgumentException if a file cannot be used
   */
  static ServerCredentials of(
      Path certificate, Path key, @Nullable Path authorities, Rotated rotated) {
    AdvancedTlsX509KeyManager own = new AdvancedTlsX509KeyManager();
    rotated.follow(
        List.of(certificate, key),
        file -> file.equals(key) ? SecretFile.read(file) : contentOf(file),
        contents -> takeOver(own, certificate, contents.get(0), key, contents.get(1)));
    TlsServerCredentials.Builder credentials = TlsServerCredentials.newBuilder().keyManager(own);
    if (authorities != null) {
      AdvancedTlsX509TrustManager trusted = trustManager();
      rotated.follow(
          List.of(authorities),
          Certificates::contentOf,
          contents -> takeOver(trusted, authorities, contents.get(0)));
      credentials.trustManager(new Trust(trusted)).clientAuth(ClientAuth.REQUIRE);
    }
    return credentials.build();
  }

  private static AdvancedTlsX509TrustManager trustManager() {
    try {
      // Clients have no host names to be verified.
      return AdvancedTlsX509TrustManager.newBuilder()
          .setVerification(Verification.CERTIFICATE_ONLY_VERIFICATION)
          .build();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java has no X.509 trust managers", e);
    }
  }

  private static byte[] contentOf(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new IllegalArgumentException("cannot read " + file + ": " + e, e);
    }
  }

  private static void takeOver(
      AdvancedTlsX509KeyManager own, Path certificate, byte[] chain, Path key, byte[] secret) {
    X509Certificate[] certificates = certificates(certificate, chain);
    PrivateKey privateKey;
    try {
      privateKey = CertificateUtils.getPrivateKey(new ByteArrayInputStream(secret));
    } catch (IOException | GeneralSecurityException | RuntimeException e) {
      // Not the cause: its message may hold parts of the key.
      throw new IllegalArgumentException(
          key + " holds no private key in PEM form (PKCS#8, \"BEGIN PRIVATE KEY\")");
    }
    if (!belongTogether(privateKey, certificates[0].getPublicKey())) {
      throw new IllegalArgumentException(
          "the private key in " + key + " is not that of the certificate in " + certificate);
    }
    own.updateIdentityCredentials(certificates, privateKey);
  }

  private static X509Certificate[] certificates(Path file, byte[] pem) {
    X509Certificate[] certificates;
    try {
      certificates = CertificateUtils.getX509Certificates(new ByteArrayInputStream(pem));
    } catch (GeneralSecurityException e) {
      // Not the cause: its message may hold parts of the file, which may be a key in the wrong
      // place.
      throw new IllegalArgumentException(
          file + " holds no certificates in PEM form, or something else beside them");
    }
    if (certificates.length == 0) {
      throw new IllegalArgumentException(file + " holds no certificates in PEM form");
    }
    return certificates;
  }

  // Files are replaced one after the other: between the two, nobody could connect.
  private static boolean belongTogether(PrivateKey secret, PublicKey known) {
    String algorithm =
        switch (known.getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EC" -> "SHA256withECDSA";
          case "EdDSA", "Ed25519", "Ed448" -> "EdDSA";
          default -> "";
        };
    if (algorithm.isEmpty()) {
      return true; // a handshake will tell
    }
    try {
      byte[] sample = {1, 2, 3};
      Signature signature = Signature.getInstance(algorithm);
      signature.initSign(secret);
      signature.update(sample);
      byte[] signed = signature.sign();
      signature.initVerify(known);
      signature.update(sample);
      return signature.verify(signed);
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  private static void takeOver(AdvancedTlsX509TrustManager trusted, Path file, byte[] pem) {
    try {
      trusted.updateTrustCredentials(certificates(file, pem));
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalArgumentException(file + " cannot be used: " + e.getMessage(), e);
    }
  }

  /**
   * Trusts whom the other trusts, and does not tell clients who that is: OpenSSL would go on to
   * name those of the start, and a client with a certificate of a new one would not show it.
   */
  private static final class Trust extends X509ExtendedTrustManager {

    private final X509ExtendedTrustManager trusted;

    Trust(X509ExtendedTrustManager trusted) {
      this.trusted = trusted;
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
        throws CertificateException {
      trusted.checkClientTrusted(chain, type, engine);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
        throws CertificateException {
      trusted.checkClientTrusted(chain, type, socket);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
      trusted.checkClientTrusted(chain, type);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
        throws CertificateException {
      trusted.checkServerTrusted(chain, type, engine);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
        throws CertificateException {
      trusted.checkServerTrusted(chain, type, socket);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
      trusted.checkServerTrusted(chain, type);
    }
  }

  /** The common name in a certificate's subject, if it can be a principal's. */
  static Optional<String> commonName(X509Certificate certificate) {
    try {
      LdapName subject = new LdapName(certificate.getSubjectX500Principal().getName());
      for (Rdn part : subject.getRdns()) {
        if (part.getType().equalsIgnoreCase("CN") && part.getValue() instanceof String name) {
          return Optional.of(new Principal(name).name());
        }
      }
      return Optional.empty();
    } catch (InvalidNameException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
