"""The object identifiers of our certificates and time-stamp tokens."""

EC_SHA256 = "1.2.840.10045.4.3.2"  # ecdsa-with-SHA256, RFC 5758, 3.2: no parameters
SHA256 = "2.16.840.1.101.3.4.2.1"  # RFC 5754, 2: parameters left out

ORGANISATION = "2.5.4.10"
COMMON_NAME = "2.5.4.3"

SUBJECT_KEY_ID = "2.5.29.14"
KEY_USAGE = "2.5.29.15"
ALTERNATIVE_NAME = "2.5.29.17"
BASIC_CONSTRAINTS = "2.5.29.19"
AUTHORITY_KEY_ID = "2.5.29.35"
EXTENDED_KEY_USAGE = "2.5.29.37"
ISSUER_RAW = "1.3.6.1.4.1.57264.1.1"  # Sigstore, the issuer's URL as bare bytes (old form)
ISSUER_UTF8 = "1.3.6.1.4.1.57264.1.8"  # Sigstore, the issuer's URL as DER UTF8String
SCT_LIST = "1.3.6.1.4.1.11129.2.4.2"  # RFC 6962, 3.3

CODE_SIGNING = "1.3.6.1.5.5.7.3.3"
TIME_STAMPING = "1.3.6.1.5.5.7.3.8"

SIGNED_DATA = "1.2.840.113549.1.7.2"  # CMS, RFC 5652
TST_INFO = "1.2.840.113549.1.9.16.1.4"  # RFC 3161, 2.4.2
CONTENT_TYPE = "1.2.840.113549.1.9.3"
MESSAGE_DIGEST = "1.2.840.113549.1.9.4"
SIGNING_TIME = "1.2.840.113549.1.9.5"
SIGNING_CERTIFICATE_V2 = "1.2.840.113549.1.9.16.2.47"  # RFC 5035

# The policy of our time-stamp tokens. 2.999 is the arc that ITU-T X.660 sets aside for examples:
# the project has no arc of its own, and a random one (2.25.UUID) has arcs that Go refuses.
TOKEN_POLICY = "2.999.1"
