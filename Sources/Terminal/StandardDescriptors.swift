import Glibc

/// The descriptors 0, 1 and 2, which every program takes for its input, output and errors.
///
/// A program that is started with one of them closed (`>&-`) would get that number for the first socket or file that it
/// opens, and whatever is printed would go there. So each main takes them first, before anything else is opened.
package enum StandardDescriptors {
    /// Opens those that are closed.
    ///
    /// A closed input is opened for writing alone, and a closed output for reading alone: whoever uses it gets an error, as
    /// from the closed one, instead of an end of the input or an output that is lost in silence.
    ///
    /// - Returns: false where one cannot be opened; then no file may be opened, and the program has to end.
    package static func open() -> Bool {
        for (descriptor, mode) in [(STDIN_FILENO, O_WRONLY), (STDOUT_FILENO, O_RDONLY), (STDERR_FILENO, O_RDONLY)] {
            guard fcntl(descriptor, F_GETFD) < 0, errno == EBADF else { continue }
            // The lowest number that is free is this one, because those below it are open by now.
            guard Glibc.open("/dev/null", mode) == descriptor else { return false }
        }
        return true
    }
}
