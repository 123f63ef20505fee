#!/bin/sh
# Makes the key stores of this folder anew: keytool (JDK 17 or later) and openssl 3. Everything is valid for a century,
# and the passwords stand in the tests.
#
#   ca            signs server, second and client
#   server        localhost; in every kind of file
#   second        localhost again, to be renewed to
#   client        CN=client,OU=readers
#   stranger      signed by itself; nobody trusts it
#   expired       of the ca, and over since 2021
#   kind-*        servers, each signed by itself, with a kind of key that is not everybody's; PEM
#   client-*      clients, each signed by itself, likewise; PKCS#12, and all certificates in clients.pem
set -eu
cd "$(dirname "$0")"
rm -f -- *.jks *.jceks *.p12 *.pem
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
days=36500
pass=changeit

pair() { # store, alias, distinguished name, more options
  store=$1 alias=$2 name=$3
  shift 3
  keytool -genkeypair -keyalg EC -groupname secp256r1 -validity $days -storetype PKCS12 -storepass $pass \
    -keystore "$store" -alias "$alias" -dname "$name" "$@" 2>/dev/null
}

sign() { # store, alias, options of the certificate
  store=$1 alias=$2
  shift 2
  keytool -certreq -keystore "$store" -storepass $pass -alias "$alias" -file "$work/request" 2>/dev/null
  keytool -gencert -keystore "$work/ca.p12" -storepass $pass -alias ca -infile "$work/request" -rfc \
    -outfile "$work/signed.pem" "$@" 2>/dev/null
  cat "$work/signed.pem" ca.pem >"$work/chain.pem"
  keytool -importcert -noprompt -trustcacerts -keystore "$store" -storepass $pass -alias "$alias" \
    -file "$work/chain.pem" 2>/dev/null
}

copy() { # from, to, options
  from=$1 to=$2
  shift 2
  keytool -importkeystore -noprompt -srckeystore "$from" -srcstorepass $pass -destkeystore "$to" \
    -deststorepass $pass "$@" 2>/dev/null
}

pem() { # store, name: name.pem has the chain, name-key.pem the key with its public key, which Java leaves out
  openssl pkcs12 -in "$1" -passin pass:$pass -nokeys 2>/dev/null | sed -n '/BEGIN/,/END/p' >"$2.pem"
  openssl pkcs12 -in "$1" -passin pass:$pass -nocerts -nodes 2>/dev/null | openssl ec -out "$2-key.pem" 2>/dev/null
}

pair "$work/ca.p12" ca CN=ca -ext bc:c
keytool -exportcert -rfc -keystore "$work/ca.p12" -storepass $pass -alias ca -file ca.pem 2>/dev/null

for who in server second; do
  pair "$work/$who.p12" server "CN=$who"
  sign "$work/$who.p12" server -validity $days -ext san=dns:localhost,ip:127.0.0.1
done
pair "$work/client.p12" client CN=client,OU=readers
sign "$work/client.p12" client -validity $days -ext eku=clientAuth
pair "$work/expired.p12" client CN=expired
sign "$work/expired.p12" client -startdate 2020/01/01 -validity 365
pair "$work/stranger.p12" client CN=stranger

# The server in every kind of file.
cp "$work/server.p12" server.p12
copy "$work/server.p12" server.jks -deststoretype JKS
copy "$work/server.p12" server-key-password.jks -deststoretype JKS -destkeypass another1
copy "$work/server.p12" server.jceks -deststoretype JCEKS
keytool -J-Dkeystore.pkcs12.legacy -importkeystore -noprompt -srckeystore "$work/server.p12" -srcstorepass $pass \
  -destkeystore server-legacy.p12 -deststoretype PKCS12 -deststorepass $pass 2>/dev/null
pem "$work/server.p12" server
mv server-key.pem server-key-sec1.pem
openssl pkcs12 -in "$work/server.p12" -passin pass:$pass -nocerts -nodes 2>/dev/null | sed -n '/BEGIN/,/END/p' >server-key.pem
openssl pkcs12 -export -in server.pem -inkey server-key.pem -name server -passout pass:$pass -out server-openssl.p12
openssl pkcs12 -export -in server.pem -inkey server-key.pem -name server -passout pass:$pass -legacy \
  -out server-openssl-legacy.p12
# What is not encrypted in this one has the attribute localKeyID (1.2.840.113549.1.9.21), which gets another number.
openssl pkcs12 -export -in server.pem -inkey server-key.pem -name server -passout pass:$pass -certpbe NONE -nomac |
  LC_ALL=C sed 's/\x2a\x86\x48\x86\xf7\x0d\x01\x09\x15/\x2a\x86\x48\x86\xf7\x0d\x01\x09\x63/g' >server-no-key-id.p12
openssl pkcs8 -topk8 -in server-key.pem -v2 aes-256-cbc -passout pass:$pass -out server-key-encrypted.pem
copy "$work/server.p12" two-keys.p12 -deststoretype PKCS12
pair two-keys.p12 spare CN=spare
openssl genrsa -out "$work/rsa.pem" 2048 2>/dev/null
openssl req -x509 -new -key "$work/rsa.pem" -subj /CN=rsa -addext subjectAltName=DNS:localhost,IP:127.0.0.1 \
  -addext basicConstraints=critical,CA:FALSE -days $days -out rsa.pem
openssl pkcs12 -export -in rsa.pem -inkey "$work/rsa.pem" -name rsa -passout pass:$pass -out rsa.p12

# Kinds of keys. The first three are of Java, which leaves out what openssl writes.
kind() { # name, algorithm, its options for openssl
  name=$1 algorithm=$2
  shift 2
  openssl genpkey -algorithm "$algorithm" "$@" -out "kind-$name-key.pem" 2>/dev/null
  openssl req -x509 -new -key "kind-$name-key.pem" -subj "/CN=$name" -addext subjectAltName=DNS:localhost,IP:127.0.0.1 \
    -addext basicConstraints=critical,CA:FALSE -days $days -out "kind-$name.pem"
}

self_signed() { # store, options of keytool
  store=$1
  shift
  keytool -genkeypair -validity $days -storetype PKCS12 -storepass $pass -keystore "$store" -alias key \
    -dname "CN=$(basename "$store" .p12)" "$@" 2>/dev/null
}

java_kind() { # name, options of keytool
  name=$1
  shift
  self_signed "$work/$name.p12" -ext san=dns:localhost,ip:127.0.0.1 "$@"
  openssl pkcs12 -in "$work/$name.p12" -passin pass:$pass -nokeys 2>/dev/null | sed -n '/BEGIN/,/END/p' >"kind-$name.pem"
  openssl pkcs12 -in "$work/$name.p12" -passin pass:$pass -nocerts -nodes 2>/dev/null | sed -n '/BEGIN/,/END/p' \
    >"kind-$name-key.pem"
}

java_kind p384 -keyalg EC -groupname secp384r1
java_kind p521 -keyalg EC -groupname secp521r1
java_kind pss -keyalg RSASSA-PSS -keysize 2048
kind pss-sha384 RSA-PSS -pkeyopt rsa_keygen_bits:3072 -pkeyopt rsa_pss_keygen_md:sha384 \
  -pkeyopt rsa_pss_keygen_mgf1_md:sha384 -pkeyopt rsa_pss_keygen_saltlen:48
kind pss-salt RSA-PSS -pkeyopt rsa_keygen_bits:2048 -pkeyopt rsa_pss_keygen_md:sha256 \
  -pkeyopt rsa_pss_keygen_mgf1_md:sha256 -pkeyopt rsa_pss_keygen_saltlen:20
kind ed25519 ED25519
kind ed448 ED448
kind secp256k1 EC -pkeyopt ec_paramgen_curve:secp256k1
kind rsa8192 RSA -pkeyopt rsa_keygen_bits:8192
kind rsa1024 RSA -pkeyopt rsa_keygen_bits:1024
openssl ec -in kind-p521-key.pem -out kind-p521-key-sec1.pem 2>/dev/null

self_signed client-p521.p12 -keyalg EC -groupname secp521r1 -sigalg SHA512withECDSA
self_signed client-p521-sha256.p12 -keyalg EC -groupname secp521r1 -sigalg SHA256withECDSA
self_signed client-p384-sha512.p12 -keyalg EC -groupname secp384r1 -sigalg SHA512withECDSA
self_signed client-p256-sha512.p12 -keyalg EC -groupname secp256r1 -sigalg SHA512withECDSA
self_signed client-pss.p12 -keyalg RSASSA-PSS -keysize 2048
self_signed client-rsa-pss.p12 -keyalg RSA -keysize 2048 -sigalg RSASSA-PSS
self_signed client-rsa8192.p12 -keyalg RSA -keysize 8192
for store in client-*.p12; do
  openssl pkcs12 -in "$store" -passin pass:$pass -nokeys 2>/dev/null | sed -n '/BEGIN/,/END/p' >>clients.pem
done

# What clients show, and what the server trusts.
for who in second client stranger; do
  cp "$work/$who.p12" $who.p12
done
pem "$work/second.p12" second
pem "$work/client.p12" client
pem "$work/expired.p12" expired
pem "$work/stranger.p12" stranger
for type in JKS PKCS12; do
  suffix=jks
  [ $type = JKS ] || suffix=p12
  keytool -importcert -noprompt -keystore trust.$suffix -storetype $type -storepass $pass -alias ca -file ca.pem 2>/dev/null
done
openssl pkcs12 -export -nokeys -in ca.pem -passout pass:$pass -out trust-openssl.p12
