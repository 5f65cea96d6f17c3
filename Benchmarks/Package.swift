// swift-tools-version: 6.2
import PackageDescription

// Whole-process measurements, apart from the main package: no dependency, so it builds in seconds and cannot slow the
// daemon down. Benchmarks/InProcess belongs to the main package.

let package = Package(
    name: "benchmarks",
    targets: [
        // The kernel's event queue and timers, which Glibc's module leaves out.
        .systemLibrary(name: "CEpoll", path: "CEpoll"),
        .executableTarget(name: "load", dependencies: ["CEpoll"], path: "Load"),
    ]
)

for target in package.targets where target.type != .system {
    target.swiftSettings = [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
    ]
}
