#!/bin/sh
# Makes the certificates of the tests: an authority, and a collector called localhost. They last a century.
set -eu
cd "$(dirname "$0")"
curve='-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 36500'
openssl req -x509 $curve -keyout authority.key -out authority.pem -subj '/CN=authority of tests' \
  -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign
openssl req -x509 $curve -keyout collector.key -out collector.pem -subj '/CN=collector of tests' \
  -CA authority.pem -CAkey authority.key -addext subjectAltName=DNS:localhost \
  -addext basicConstraints=critical,CA:FALSE -addext extendedKeyUsage=serverAuth
rm authority.key
