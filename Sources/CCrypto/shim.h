#pragma once

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <openssl/x509.h>

/// Scrypt of a context made for it. In C, because a parameter keeps a pointer to its name, and what Swift makes of a
/// string macro lives for one call only.
static inline int varve_scrypt(
    EVP_KDF_CTX *context, unsigned char *key, size_t key_size, void *password, size_t password_size, void *salt,
    size_t salt_size, uint64_t n, uint32_t r, uint32_t p) {
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_PASSWORD, password, password_size),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, salt, salt_size),
        OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_N, &n),
        OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_SCRYPT_R, &r),
        OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_SCRYPT_P, &p),
        OSSL_PARAM_construct_end(),
    };
    return EVP_KDF_derive(context, key, key_size, parameters);
}
