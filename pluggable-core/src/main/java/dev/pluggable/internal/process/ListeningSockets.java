package dev.pluggable.internal.process;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The listening sockets at one address, as {@code /proc} shows them. Tells which process
 * holds them, for addresses whose peer the kernel does not tell. Works only on Linux.
 */
final class ListeningSockets {

	private static final Path PROC = Path.of("/proc");

	private static final String TCP_LISTEN = "0A";

	private static final String UNIX_LISTEN = "00010000";

	/**
	 * Names of the sockets in the lists of descriptors.
	 */
	private final Set<String> names;

	private ListeningSockets(Set<String> names) {
		this.names = names;
	}

	/**
	 * Find the sockets that listen at an address.
	 */
	static ListeningSockets at(SocketAddress address) {
		Set<String> names = new HashSet<>();
		if (address instanceof UnixDomainSocketAddress unix) {
			String path = unix.getPath().toString();
			// Number, references, protocol, flags, type, state, inode, path.
			read("unix", 8, (fields) -> fields.length == 8 && fields[3].equals(UNIX_LISTEN) && fields[7].equals(path),
					6, names);
		}
		else if (address instanceof InetSocketAddress tcp) {
			Predicate<String[]> matches = (fields) -> fields.length > 9 && fields[3].equals(TCP_LISTEN)
					&& reaches(fields[1], tcp);
			read("tcp", 0, matches, 9, names);
			read("tcp6", 0, matches, 9, names);
		}
		return new ListeningSockets(names);
	}

	private static void read(String table, int limit, Predicate<String[]> matches, int inode, Set<String> names) {
		try {
			// A path may contain bytes that are not UTF-8.
			List<String> lines = Files.readAllLines(PROC.resolve("self/net").resolve(table),
					StandardCharsets.ISO_8859_1);
			lines.stream()
				.skip(1)
				.map((line) -> line.strip().split("\\s+", limit))
				.filter(matches)
				.forEach((fields) -> names.add("socket:[" + fields[inode] + "]"));
		}
		catch (IOException ex) {
			// The system has no such table.
		}
	}

	/**
	 * Whether a connection to an address reaches a socket with the given local address:
	 * hexadecimal words in the order of the processor, and a port.
	 */
	private static boolean reaches(String local, InetSocketAddress address) {
		try {
			int colon = local.indexOf(':');
			if (Integer.parseInt(local.substring(colon + 1), 16) != address.getPort()) {
				return false;
			}
			byte[] bytes = HexFormat.of().parseHex(local.substring(0, colon));
			ByteBuffer words = ByteBuffer.wrap(bytes);
			ByteBuffer host = ByteBuffer.allocate(bytes.length).order(ByteOrder.nativeOrder());
			while (words.hasRemaining()) {
				host.putInt(words.getInt());
			}
			InetAddress bound = InetAddress.getByAddress(host.array());
			return bound.isAnyLocalAddress() || bound.equals(address.getAddress());
		}
		catch (IOException | IllegalArgumentException ex) {
			return false;
		}
	}

	/**
	 * Whether the sockets are known.
	 * @return {@code false} if {@code /proc} shows no socket that listens at the address
	 */
	boolean isKnown() {
		return !this.names.isEmpty();
	}

	/**
	 * Whether a process holds all of these sockets.
	 * @param pid id of the process
	 * @return {@code false} also if the application may not look at the process
	 */
	boolean allHeldBy(long pid) {
		return isKnown() && heldBy(pid).containsAll(this.names);
	}

	/**
	 * Whether a process holds one of these sockets.
	 * @param pid id of the process
	 */
	boolean anyHeldBy(long pid) {
		return heldBy(pid).stream().anyMatch(this.names::contains);
	}

	private static Set<String> heldBy(long pid) {
		Set<String> held = new HashSet<>();
		try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(PROC.resolve(pid + "/fd"))) {
			for (Path descriptor : descriptors) {
				held.add(target(descriptor));
			}
		}
		catch (IOException | DirectoryIteratorException ex) {
			// The process has ended, or the application may not look at it.
		}
		return held;
	}

	private static String target(Path descriptor) {
		try {
			return Files.readSymbolicLink(descriptor).toString();
		}
		catch (IOException ex) {
			// The process has closed the descriptor.
			return "";
		}
	}

	/**
	 * Find a process that holds one of these sockets.
	 * @return id of the process, empty if the application may not look at the process
	 */
	OptionalLong holder() {
		return ProcessHandle.allProcesses().mapToLong(ProcessHandle::pid).filter(this::anyHeldBy).findFirst();
	}

}
