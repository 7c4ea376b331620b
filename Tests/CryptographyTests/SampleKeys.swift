/// Keys of every kind and signatures with them, as Python's cryptography and openssl made them, DER in base64.
///
/// Published test keys, never use them.
enum SampleKeys {
    /// What was signed.
    static let message = Array("a layer of sediment".utf8)

    /// A public key on P-384.
    static let p384 = """
        MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEsNfWPcEsCBltYYwHUkjFewny19TaFfH7zCMw81DvCCmBp600Uue2Aa\
        Cr4yBGXBD/ssgPoRkdZer7fnttQHA9EhSuJKQWEFmorVqPcJoKPQGnGqetChihUv3WNVCe04SK
        """

    /// Its signature with SHA-384, in DER.
    static let p384SHA384 = """
        MGQCMH7ijMy03PeRVBOJu0VlsT4BUdsWiG9LpXTTcFtuMyxEWOBWwStr5kg2X6iN72f6UAIwX3j0Gf33hn8Y/I\
        6oZyNAvQXPJW39VlE4DaQmtL7O8v2WPYufIBuKupOJbM/ePVYe
        """

    /// Its signature with SHA-256, in DER.
    static let p384SHA256 = """
        MGQCMHpI30mRqDmiqCJ7WK0FFXLjhO6ZTFkRmOnK6/JUOisMfN2Nc6YA15deyc0JAH3n5AIwejmuqPDUdEVb1n\
        O1A3VP55FmFdFX0rMddJT+61bpIJw/tul5pucxrR3pK9h2U5Fl
        """

    /// Its signature with SHA-256, raw.
    static let p384Raw = """
        8GpvGUWjJZqDskeeySx+utug1W+mnmDOuRf2015ISMRlhslWnHClfWKwMuyMosM30yr0tCUSCLqyK0aAqgnJSN\
        dA8elyhRPN7K75Wp/XHJPCr5hf7457+BV83g1p4xlt
        """

    /// A public RSA key of 2048 bits.
    static let rsa = """
        MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAtazpGci4olrkJG4ltuYi+5cxVc/3JmeazECxRdcbKF\
        cBiaDFbEeAJkvl5zUzSgd7LJ4shhgX+GkB2DHc1b6cQ+SVNUuQBosnQgdDmoBlkanSGhRi2V8qZjiiqlU1I/qZ\
        40dYy17vo4lfEZjGsinXjSctQmKJAdafgy9vVqrUVP5gPzrlbjJS4W6wju7e1OMELvJJu8QBhf5va5ErI6gt29\
        RsFC7Rxiao55vG8qFt354ArkULEjl8YpI02BAkLaV8TAk8AwYOzytlMj6hSUhz1ggnlnAJ5r4mkObbyfMaCKiH\
        WGSCAaEMGCf2zzJiFTgrB0g5EH9zBbtoTat7TF2ODQIDAQAB
        """

    /// Its signature, PKCS#1 v1.5 with SHA-256.
    static let rsaSignature = """
        Tor5miKbTuIHmX8DwBSdy3VBE9SXj3Xw1zWo9GPz9eU89mF8vDHmql2+U0wLl2cY6Hxs6QqPnHNmS1YBliViMU\
        nVPn5py3neO0R+mL2H7OvrZtwDJAx9GkcxmW/lXkh17eEww2p/8G5FNUSV1ePa3ze6UdhNfv4HaJ9bPOTiCg/p\
        OJUUvcD/BtUBNSQDu7X28UqjV8ehVtLm4gGmHJhQce66PqZ19ZInJuuCgwlxjsmVbQxzhLSn7CNIC6JP1vO9PJ\
        NzVlzc+y/Nnf66p+TxzkVMJ7T/h2la5fcs2pY7hpTzaXGpmBXM/OWTI1gP5PXdymIDHfPAw6IDpKhVDjITzw==
        """

    /// Its signature by RSA-PSS, which is not asked for.
    static let rsaPSS = """
        BjXrWbsUxQf8JdKdi0uVUem6CNVsc0uECYU/qyXz322VzipPXTT2lNQhxi8IolG40YXPNodcwQRhUYzVRsipPb\
        KXauomA0EoWHXt7Ar5gKN+Mi3SrJncM/BHblHDAqwiKUrGszt2cRAUprvdBXo6N6sCg/qu/31lKxNz56mWW0Zp\
        Xzr0JkAm7qiW/VmCGkMTglKVNsFLFZXzF00T3TON5QvhOMjFb67uHy34ny2dlqPdayN4s43S8pEti8Paw9G0ei\
        XchzJvcQBSLyRDSNZUxYJNSK5cyOV7b0VBGnxdJcRw1w4xZM7FhDvlFYCDWTZboxTu+oLVO4DuiQguI3Mx0A==
        """

    /// A public RSA key of 1024 bits.
    static let rsa1024 = """
        MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQCngZtKAX1yahigB6HkbvjtjpTmXfdAZrPintP+dTnfuXhFvO\
        HFt9vYfTX7dsN3T3F2aESBFWcHyZiqhmlsRGfKahFueMzT5pD9A6nBH4ylnFGJQhdBmdlKSGbQ4JxAszVpIQfZ\
        W8tuHAgoLfAkbqjokJUVOmWqTZXEXR6APEpElQIDAQAB
        """

    /// The same with the exponent 1.
    static let rsaExponentOne = """
        MIIBIDANBgkqhkiG9w0BAQEFAAOCAQ0AMIIBCAKCAQEAtazpGci4olrkJG4ltuYi+5cxVc/3JmeazECxRdcbKF\
        cBiaDFbEeAJkvl5zUzSgd7LJ4shhgX+GkB2DHc1b6cQ+SVNUuQBosnQgdDmoBlkanSGhRi2V8qZjiiqlU1I/qZ\
        40dYy17vo4lfEZjGsinXjSctQmKJAdafgy9vVqrUVP5gPzrlbjJS4W6wju7e1OMELvJJu8QBhf5va5ErI6gt29\
        RsFC7Rxiao55vG8qFt354ArkULEjl8YpI02BAkLaV8TAk8AwYOzytlMj6hSUhz1ggnlnAJ5r4mkObbyfMaCKiH\
        WGSCAaEMGCf2zzJiFTgrB0g5EH9zBbtoTat7TF2ODQIBAQ==
        """

    /// A number of 8200 bits as an RSA key.
    static let rsa8200 = """
        MIIEIzANBgkqhkiG9w0BAQEFAAOCBBAAMIIECwKCBAIAgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\
        AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\
        AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\
        AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\
        AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\
        AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\
        AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\
        AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\
        AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\
        AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\
        AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\
        AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\
        AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\
        AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\
        AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\
        AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\
        AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAECAwEAAQ==
        """

    /// A public key on secp256k1.
    static let secp256k1 = """
        MFYwEAYHKoZIzj0CAQYFK4EEAAoDQgAE/DPYMzb1KADgEFdb1eQTJ7iXTq3aQHqk5R6vDgznmMvhiS3Dhbopv9\
        6PTu+noBNUtAEYSn9VLjTLzPjZk4Z3eA==
        """

    /// A public key on P-521.
    static let p521 = """
        MIGbMBAGByqGSM49AgEGBSuBBAAjA4GGAAQA56eaKWPRwRCCALliosQl6H0xd8KNZu+wwQIaW09aGS+ZDiBxIY\
        nAoagtWDxXxmwlKY75qAlgFOsinEeB+fZDc7YAE/j2aCkq6F0CzZrQZGsU/HjhMVA/598CDb+kzNiwHda5ju8q\
        S+l3eUR2UNWxNVf4kLKQ2kTqBP90y6y8zKjo6FY=
        """

    /// A public Ed448 key.
    static let ed448 = """
        MEMwBQYDK2VxAzoA+4CoULhD0nse6InGn+G0hwc7rQbrms4fmhWTdzGBHY6pN8aPC3P8YzSwMSN2IaZ3LMswzs\
        FOhWIA
        """

    /// A public X25519 key, which signs nothing.
    static let x25519 = """
        MCowBQYDK2VuAyEACwAG4/nmdKCm1owMTJ4hPIXsalsp295LVk92xWv4SG8=
        """

    /// A public key for RSA-PSS alone.
    static let pss = """
        MIIBIDALBgkqhkiG9w0BAQoDggEPADCCAQoCggEBANqbALMSMMEB/61BhMOzFcbt8HEl6LLrnT25+NP6EUhY8Q\
        lM6M4mfDrDyMwSGDdsebxwJmfhpU+hVcal/poWffN578JOzmybF28FYQhfC8uo05xhvih+k+WHUDr1bor1sg/e\
        llsMWmrG2p293xeNARLQLn8sDrJg2is9LZeFCigjs6Jh2M2wpcjRoEWo+nP6PaLMdF2pWA+I7oDFmZD8DBslGm\
        Pu8BrGCHYonxvQMlV8IZXLH3HWEz9Y6UYIGX96Aqcu8jRy24752GSk55VTSVISANI36uhzDLYKQi2lJRXb3sOf\
        XqX3sSmvXbrklomnbixWlGVYsE1JUMtcFnLDvEUCAwEAAQ==
        """

    /// A public DSA key.
    static let dsa = """
        MIIBtzCCASwGByqGSM44BAEwggEfAoGBAMMKEMtQ4QqgjkT044bVShithXf8XBOn6ErKGdd7Cf5XNOrRzR2AQM\
        PkpJwMp6obmJQ/imvxG5zK31FPaq76SmmBxnR01oQZWXNrYJf6JfLSQ7XsxxOJflkpSv1VpqBcarbUas8lw3/a\
        evEVvQz91MloRErQr0X8/rSb7JrLibJlAhUA6Ux9/UroNBE5XU3Ij5QFD/fKGUECgYEAvfINTSFcDtyrzABXm8\
        JSO/haqtzGwVv6d89Yc404znujsNGYXubEFKuSgvBzfmfcKbweLgJa/n7e6JEth95eKlGisU1dszV8yv0a2EXJ\
        ig6CkcLOsKYi3txG+wAYvTPUqlp7vlUNc0y8dM5GLnomG+dV7jWEDlDgLhsABagw//UDgYQAAoGANqwsd+4rjk\
        Iuqu93Qjw6dR5Q6Yvlg4y926rqRZQi9Xh6AfdnPVdUkIEnW3dId7fofY5rWfb8jnt+Gk6/qgSbfU9NSAul9l/X\
        zjkpHf7NirRPVDqVmnVjHF+/dWhsMHQSPw5X0TGH/M8kodB+qOoifhETchSmUMkRIHDXFyc9JIY=
        """

    /// A point of P-256, compressed.
    static let compressed = """
        MDkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDIgACaVapaeN1BuHfBcAKK/9RkFWFjy9vIfpAEGHRUuGmqwI=
        """

    /// A point that is not on P-256.
    static let offCurve = """
        MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaVapaeN1BuHfBcAKK/9RkFWFjy9vIfpAEGHRUuGmqwJX8/v3lk\
        XBh28V9LES4rUnR7PhRq/nlUGgMDG9rhSq5w==
        """

    /// A key on P-256 that spells the curve out.
    static let explicit = """
        MIIBSzCCAQMGByqGSM49AgEwgfcCAQEwLAYHKoZIzj0BAQIhAP////8AAAABAAAAAAAAAAAAAAAA//////////\
        //////MFsEIP////8AAAABAAAAAAAAAAAAAAAA///////////////8BCBaxjXYqjqT57PrvVV2mIa8ZR0GsMxT\
        sPY7zjw+J9JgSwMVAMSdNgiG5wSTamZ44ROdJreBn36QBEEEaxfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5Rd\
        iYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9QIhAP////8AAAAA//////////+85vqtpxeehPO5\
        ysL8YyVRAgEBA0IABMzpWL79SwiqfYjqh/mkhmEe16vXGui6TVE1iB4N0qbtJrP1zranv2EYK61aCHUrprKn8N\
        GQoYSAyyrhRC3YxDw=
        """

    /// A private key on P-256 in SEC 1 form.
    static let sec1 = """
        MHcCAQEEIHuhX1Q+WoLwSp6ss1kXcuVkBgfDtNoJBoPV2NRqIgDuoAoGCCqGSM49AwEHoUQDQgAEaVapaeN1Bu\
        HfBcAKK/9RkFWFjy9vIfpAEGHRUuGmqwJX8/v3lkXBh28V9LES4rUnR7PhRq/nlUGgMDG9rhSq5g==
        """

    /// The same in PKCS#8 form.
    static let pkcs8 = """
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQge6FfVD5agvBKnqyzWRdy5WQGB8O02gkGg9XY1G\
        oiAO6hRANCAARpVqlp43UG4d8FwAor/1GQVYWPL28h+kAQYdFS4aarAlfz+/eWRcGHbxX0sRLitSdHs+FGr+eV\
        QaAwMb2uFKrm
        """

    /// The same with another key's public part.
    static let mismatch = """
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQge6FfVD5agvBKnqyzWRdy5WQGB8O02gkGg9XY1G\
        oiAO6hRANCAAS0YwH4g1FVnvZ9qxz8AYU7HtekmZINBQEK7L+N+0f9LFAjzQmU/SqIvjB6w9XmYGKjVufFtT3b\
        q3s3+RBypaU9
        """

    /// The same without its public part.
    static let withoutPublic = """
        MEECAQAwEwYHKoZIzj0CAQYIKoZIzj0DAQcEJzAlAgEBBCB7oV9UPlqC8EqerLNZF3LlZAYHw7TaCQaD1djUai\
        IA7g==
        """

    /// A private Ed25519 key.
    static let privateEd25519 = """
        MC4CAQAwBQYDK2VwBCIEIKdY1SsN8hByN62xZJQSu0eYyFsPkqDxcROYmiZ+lge2
        """

    /// A private key on P-384.
    static let privateP384 = """
        MIG2AgEAMBAGByqGSM49AgEGBSuBBAAiBIGeMIGbAgEBBDBeOEoLDQt6od3VOEDaQpqi3UgPWAVQqY9hwLdAJi\
        1wy4uH8sJJOVfk/zVRw5cxaDWhZANiAASw19Y9wSwIGW1hjAdSSMV7CfLX1NoV8fvMIzDzUO8IKYGnrTRS57YB\
        oKvjIEZcEP+yyA+hGR1l6vt+e21AcD0SFK4kpBYQWaitWo9wmgo9Aacap60KGKFS/dY1UJ7ThIo=
        """

    /// A private key on secp256k1.
    static let privateSecp256k1 = """
        MIGEAgEAMBAGByqGSM49AgEGBSuBBAAKBG0wawIBAQQgo8HxIhvLjXMiamM9X7+aPWxTHY1he6G3BcCq2uKxhQ\
        ahRANCAARH0hSyvMLGzL49bYfFs4j1Amck9498kSLP+DuQrIrTCFR8D9UN/pczozkKLAq8jTvCDQReOVizoLs0\
        IdxZnr7f
        """

    /// A private RSA key.
    static let privateRSA = """
        MIICdgIBADANBgkqhkiG9w0BAQEFAASCAmAwggJcAgEAAoGBAKDOqeA1NfjAq0/1PiPxhEDS5RiFmABqbRh+2X\
        r+MNh2oxqONI1KiG52YPSossjFL3fquAllK55rr16WbgEOryASdr8qr+1Fwp1XIsdJoMW2ucJCU1S3CZdXxmDR\
        84XfAA/AelCc+CQk1TVZByqzsLCtlDxHZ9mLrQLOSOMIVOfVAgMBAAECgYBnnUIwSZkBM4Qu/SKRHmnNKxaa+l\
        m6ytiI1BNmAKuQjsEBt2d9Mu093+ERRDIO05+GcSMsSpgUd+aD2AIBhGiqCCVZk7RAKzdVt407q02dEvdKYnhL\
        DmZ9pQFHN/Oo3dg8l9OKHJmwe50VcufBJxbMo6potKZ9c20sncluSA9O8QJBANEIof/v1P2QQCZamfM0Ry1wXo\
        FBm5qC9SYJ7TNo9vaDG8O/KY81/Mfexi0y2iOnv8hbtU5f7mTDr98adVOACrsCQQDE8BqjgDkSAKWz54MOQATN\
        HBumecq5bxAelfE/XpbaUd8bslabFalttZwCHP1SXoS6f9FmTZ9isb6I6NtaTJavAkAjU9YtLxdME0kEMmO6Wq\
        d84nTWW4Q0xNUxrJPOEHtMhjP3DSO09GbYUKolkWaUiBE9h2JI8KWVmgzrI8mYZxdpAkEAina+ZAJ9HbkyyACY\
        VmaQeZ2vmya6cBI0ZSzLR+C7c5hoo1KKLdPXIfm0TJARU958t5uyoJkm3P9XlW8S+rQqpQJASpZa82eAXuclm0\
        ErqwbbQH8sbtEIlCyoN7Q0PaScaRcg4hA9OWnjdYsowrxytQbguapVnq5QKwF9gORWtYOifQ==
        """
}
