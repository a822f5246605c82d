package dev.pluggable.internal.process;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * A program of a few instructions that makes itself a subreaper and then replaces itself
 * by the command in its arguments. A subreaper adopts all orphans among its descendants,
 * so none of them can hide. Neither Java nor a common program can ask the system for
 * this, so the host writes the program itself. The source in C:
 *
 * <pre>
 * prctl(PR_SET_PDEATHSIG, SIGCONT);   // a signal when the parent ends
 * prctl(PR_SET_CHILD_SUBREAPER, 1);
 * execve(argv[1], argv + 1, environ);
 * exit(127);
 * </pre>
 */
final class ReaperProgram {

	/**
	 * Instructions for x86_64.
	 */
	private static final String X86_64 = """
			bf01000000      mov    edi, PR_SET_PDEATHSIG
			be12000000      mov    esi, SIGCONT
			b89d000000      mov    eax, prctl
			0f05            syscall
			bf24000000      mov    edi, PR_SET_CHILD_SUBREAPER
			be01000000      mov    esi, 1
			b89d000000      mov    eax, prctl
			0f05            syscall
			488d742410      lea    rsi, [rsp+16]
			488b3e          mov    rdi, [rsi]
			488b0c24        mov    rcx, [rsp]
			488d54cc10      lea    rdx, [rsp+rcx*8+16]
			b83b000000      mov    eax, execve
			0f05            syscall
			bf7f000000      mov    edi, 127
			b83c000000      mov    eax, exit
			0f05            syscall
			""";

	/**
	 * Instructions for aarch64.
	 */
	private static final String AARCH64 = """
			200080d2        mov    x0, PR_SET_PDEATHSIG
			410280d2        mov    x1, SIGCONT
			e81480d2        mov    x8, prctl
			010000d4        svc    0
			800480d2        mov    x0, PR_SET_CHILD_SUBREAPER
			210080d2        mov    x1, 1
			020080d2        mov    x2, 0
			030080d2        mov    x3, 0
			040080d2        mov    x4, 0
			010000d4        svc    0
			e90340f9        ldr    x9, [sp]
			e1430091        add    x1, sp, 16
			200040f9        ldr    x0, [x1]
			220c098b        add    x2, x1, x9, lsl 3
			a81b80d2        mov    x8, execve
			010000d4        svc    0
			e00f80d2        mov    x0, 127
			a80b80d2        mov    x8, exit
			010000d4        svc    0
			""";

	private static final Map<String, Machine> MACHINES = Map.of("amd64", new Machine(62, X86_64), "x86_64",
			new Machine(62, X86_64), "aarch64", new Machine(183, AARCH64));

	private static final int HEADERS = 64 + 56;

	private static final long ADDRESS = 0x400000;

	private ReaperProgram() {
	}

	/**
	 * The program for a processor.
	 * @param processor the processor, as {@code os.arch} names it
	 * @return a file in the format ELF, {@code null} if there is no program for this
	 * processor
	 */
	static byte @Nullable [] of(String processor) {
		Machine machine = MACHINES.get(processor);
		if (machine == null) {
			return null;
		}
		byte[] code = machine.code();
		ByteBuffer file = ByteBuffer.allocate(HEADERS + code.length).order(ByteOrder.LITTLE_ENDIAN);
		// The header of the file: 64 bit, little endian, an executable for this machine.
		file.put(new byte[] { 0x7f, 'E', 'L', 'F', 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0 });
		file.putShort((short) 2).putShort(machine.number()).putInt(1);
		file.putLong(ADDRESS + HEADERS).putLong(64).putLong(0);
		file.putInt(0).putShort((short) 64).putShort((short) 56).putShort((short) 1);
		file.putShort((short) 64).putShort((short) 0).putShort((short) 0);
		// One segment: the whole file, to read and execute.
		file.putInt(1).putInt(5).putLong(0).putLong(ADDRESS).putLong(ADDRESS);
		file.putLong(file.capacity()).putLong(file.capacity()).putLong(0x1000);
		return file.put(code).array();
	}

	/**
	 * A processor.
	 *
	 * @param number its number in the format ELF
	 * @param listing a line for each instruction, which begins with its bytes
	 */
	private record Machine(short number, String listing) {

		Machine(int number, String listing) {
			this((short) number, listing);
		}

		byte[] code() {
			StringBuilder digits = new StringBuilder();
			this.listing.lines().forEach((line) -> digits.append(line, 0, line.indexOf(' ')));
			return HexFormat.of().parseHex(digits);
		}

	}

}
