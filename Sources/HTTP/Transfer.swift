import CCurl

/// One request on its way, and the answer to it: what libcurl calls back.
///
/// An error of a closure is kept, the transfer is ended, and the error comes out in place of libcurl's.
final class Transfer {
    /// What is sent.
    enum Body {
        case none
        case bytes([UInt8])
        case stream(length: Int64?, (inout [UInt8]) throws -> Void)
    }

    private let request: Request
    private let settings: ConnectionSettings
    private let interruption: () throws -> Void
    private let receive: (Span<UInt8>) throws -> Void
    private var outgoing: OutgoingBody
    private var answer: AnswerHead
    private var clock: TransferClock
    private var failure: (any Error)?

    init(
        _ request: Request, _ body: Body, _ settings: ConnectionSettings,
        interruption: @escaping () throws -> Void, head: @escaping (Response) throws -> Void,
        receive: @escaping (Span<UInt8>) throws -> Void
    ) {
        (self.request, self.settings) = (request, settings)
        (self.interruption, self.receive) = (interruption, receive)
        outgoing = OutgoingBody(body)
        answer = AnswerHead(request, head)
        clock = TransferClock(request, settings)
    }

    /// Sends and receives to the end.
    func perform(on handle: borrowing CurlHandle) throws -> Response {
        if let field = request.headers.firstMalformed {
            throw HTTPError(
                .invalidRequest, request, "the field \(field.name.debugDescription) cannot be sent")
        }
        try interruption()
        setMethod(on: handle)
        // What speaks to this machine needs no proxy, and a proxy's own `localhost` is another one.
        let isLocal = AddressScope(host: request.url.origin.host) == .loopback
        _ = handle.set(CURLOPT_PROXY, isLocal ? "" : nil)
        let list = headerList()
        defer { curl_slist_free_all(list) }
        _ = curl_set_list(handle.pointer, CURLOPT_HTTPHEADER, list)
        handle.forgetWords()
        for option in [
            CURLOPT_WRITEDATA, CURLOPT_HEADERDATA, CURLOPT_READDATA, CURLOPT_SEEKDATA, CURLOPT_XFERINFODATA,
        ] {
            _ = curl_set_pointer(handle.pointer, option, Unmanaged.passUnretained(self).toOpaque())
        }
        let code = handle.set(CURLOPT_URL, request.url.text)
        let result = code == CURLE_OK ? curl_easy_perform(handle.pointer) : code
        _ = curl_set_list(handle.pointer, CURLOPT_HTTPHEADER, nil)
        if let failure { throw failure }
        // What libcurl says of a header of more than 100 kB.
        if result == CURLE_OUT_OF_MEMORY, answer.response == nil {
            throw HTTPError(.tooLarge, request, "the answer has a header that is too large")
        }
        guard result == CURLE_OK else { throw HTTPError(result, request, handle) }
        guard var response = answer.response else {
            throw HTTPError(.cutShort, request, "the answer ends within its headers")
        }
        response.bytesSent = handle.offset(CURLINFO_SIZE_UPLOAD_T)
        response.bytesReceived = handle.offset(CURLINFO_SIZE_DOWNLOAD_T)
        return response
    }

    private func setMethod(on handle: borrowing CurlHandle) {
        // GET first: it takes back what an earlier request set.
        _ = handle.set(CURLOPT_NOBODY, false)
        _ = handle.set(CURLOPT_UPLOAD, false)
        _ = handle.set(CURLOPT_HTTPGET, true)
        _ = handle.set(CURLOPT_INFILESIZE_LARGE, offset: outgoing.length ?? -1)
        if request.method == .head {
            _ = handle.set(CURLOPT_NOBODY, true)
        } else if outgoing.isPresent || [.post, .put, .patch].contains(request.method) {
            // The one way of libcurl's to send a stream; it sends a length of 0 where there is no body.
            _ = handle.set(CURLOPT_UPLOAD, true)
        }
        let isOrdinary = request.method == .head || request.method == .get && !outgoing.isPresent
        _ = handle.set(CURLOPT_CUSTOMREQUEST, isOrdinary ? nil : request.method.rawValue)
    }

    private func headerList() -> UnsafeMutablePointer<curl_slist>? {
        // No waiting for a "100 Continue", which many servers never send.
        var list = curl_slist_append(nil, "Expect:")
        for field in request.headers.fields {
            // An empty value is written with a semicolon: a colon alone would take the field away.
            list = curl_slist_append(
                list, field.value.isEmpty ? "\(field.name);" : "\(field.name): \(field.value)")
        }
        return list
    }

    // MARK: What libcurl calls

    /// Runs a step of libcurl's; an error is kept, and `nil` ends the transfer.
    private func step<Value>(_ body: () throws -> Value) -> Value? {
        guard failure == nil else { return nil }
        do {
            return try body()
        } catch {
            failure = error
            return nil
        }
    }

    private func takeHeader(_ line: UnsafeRawBufferPointer) -> Int {
        step {
            clock.headerBytes += Int64(line.count)
            try clock.pausing { try answer.take(line) }
            return line.count
        } ?? -1
    }

    private func takeBody(_ bytes: UnsafeRawBufferPointer) -> Int {
        step {
            try clock.pausing { try receive(Span(_unsafeBytes: bytes)) }
            return bytes.count
        } ?? -1
    }

    private func give(_ memory: UnsafeMutableRawBufferPointer) -> Int {
        step { try clock.pausing { try outgoing.fill(memory) } } ?? Int(CURL_READFUNC_ABORT)
    }

    private func rewind(to offset: Int64) -> Int32 {
        outgoing.rewind(to: offset) ? Int32(CURL_SEEKFUNC_OK) : Int32(CURL_SEEKFUNC_FAIL)
    }

    private func watch(received: Int64, sent: Int64) -> Int32 {
        step {
            try interruption()
            let isWaiting = answer.response == nil && outgoing.isAtEnd
            try clock.check(moved: received + sent, isWaitingForAnswer: isWaiting)
            return 0
        } ?? 1
    }

    /// Gives a handle the functions that it calls; each request gives it the transfer that they act on.
    static func install(on handle: borrowing CurlHandle) {
        let pointer = handle.pointer
        _ = curl_set_receiver(pointer, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
            Transfer.of(context)?.takeHeader(UnsafeRawBufferPointer(start: bytes, count: size * count)) ?? -1
        }
        _ = curl_set_receiver(pointer, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
            Transfer.of(context)?.takeBody(UnsafeRawBufferPointer(start: bytes, count: size * count)) ?? -1
        }
        _ = curl_set_reader(pointer) { memory, size, count, context in
            Transfer.of(context)?.give(UnsafeMutableRawBufferPointer(start: memory, count: size * count))
                ?? Int(CURL_READFUNC_ABORT)
        }
        _ = curl_set_seeker(pointer) { context, offset, origin in
            Transfer.of(context)?.rewind(to: Int64(offset)) ?? Int32(CURL_SEEKFUNC_FAIL)
        }
        _ = curl_set_progress(pointer) { context, _, received, _, sent in
            Transfer.of(context)?.watch(received: Int64(received), sent: Int64(sent)) ?? 1
        }
    }

    private static func of(_ context: UnsafeMutableRawPointer?) -> Transfer? {
        context.map { Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
    }
}
