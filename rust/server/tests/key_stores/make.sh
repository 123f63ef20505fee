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
set -eu
cd "$(dirname "$0")"
rm -f -- *.jks *.p12 *.pem
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
openssl pkcs8 -topk8 -in server-key.pem -v2 aes-256-cbc -passout pass:$pass -out server-key-encrypted.pem
copy "$work/server.p12" two-keys.p12 -deststoretype PKCS12
pair two-keys.p12 spare CN=spare
openssl genrsa -out "$work/rsa.pem" 2048 2>/dev/null
openssl req -x509 -new -key "$work/rsa.pem" -subj /CN=rsa -addext subjectAltName=DNS:localhost,IP:127.0.0.1 \
  -addext basicConstraints=critical,CA:FALSE -days $days -out rsa.pem
openssl pkcs12 -export -in rsa.pem -inkey "$work/rsa.pem" -name rsa -passout pass:$pass -out rsa.p12

# What clients show, and what the server trusts.
for who in second client stranger; do
  cp "$work/$who.p12" $who.p12
done
openssl pkcs12 -in second.p12 -passin pass:$pass -nokeys 2>/dev/null | sed -n '/BEGIN/,/END/p' >second.pem
pem "$work/client.p12" client
pem "$work/expired.p12" expired
pem "$work/stranger.p12" stranger
for type in JKS PKCS12; do
  suffix=jks
  [ $type = JKS ] || suffix=p12
  keytool -importcert -noprompt -keystore trust.$suffix -storetype $type -storepass $pass -alias ca -file ca.pem 2>/dev/null
done
openssl pkcs12 -export -nokeys -in ca.pem -passout pass:$pass -out trust-openssl.p12
