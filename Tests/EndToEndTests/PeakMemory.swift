import TestSupport

extension Workplace {
    /// Runs a command that must succeed.
    ///
    /// - Returns: The most memory that it held at a time, in KiB.
    func peakMemory(of command: Command) throws -> Int {
        let script = """
            import resource, subprocess, sys
            code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode
            print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
            sys.exit(code)
            """
        return Int(try command.behind("python3", "-c", script).succeed().line) ?? .max
    }
}
