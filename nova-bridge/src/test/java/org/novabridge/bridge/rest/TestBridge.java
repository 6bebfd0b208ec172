package org.novabridge.bridge.rest;

import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyString;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.mockito.ArgumentMatchers;
import org.novabridge.driver.compute.Caller;
import org.novabridge.driver.compute.EventFeed;
import org.novabridge.driver.compute.HostNode;
import org.novabridge.driver.compute.HostReport;
import org.novabridge.driver.compute.HostResources;
import org.novabridge.driver.compute.InstanceService;
import org.novabridge.driver.compute.Leftover;
import org.novabridge.driver.compute.Operation;
import org.novabridge.driver.compute.Operations;
import org.novabridge.driver.compute.OutsideDevice;
import org.novabridge.driver.compute.OutsideDevices;
import org.novabridge.driver.compute.Problem;
import org.novabridge.driver.compute.RequestKey;
import org.novabridge.driver.compute.TransferService;
import org.novabridge.driver.host.HostCapabilities;
import org.novabridge.driver.hypervisor.GuestStatistics;
import org.novabridge.driver.hypervisor.GuestStatistics.DiskTraffic;
import org.novabridge.driver.hypervisor.GuestStatistics.PortTraffic;
import org.novabridge.driver.hypervisor.GuestStatistics.ProcessorTime;
import org.novabridge.driver.hypervisor.HostCpuTimes;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.DiskInventory;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.GuestPassword;
import org.novabridge.driver.model.ImageSpec;
import org.novabridge.driver.model.InstanceSpec;
import org.novabridge.driver.model.LiveDomain.LiveDisplay;
import org.novabridge.driver.model.OutsideSpec;
import org.novabridge.driver.model.StorageSpace;
import org.novabridge.driver.storage.CacheEntry;
import org.novabridge.driver.storage.CachedImage;
import org.novabridge.driver.storage.DiskKey;
import org.novabridge.driver.storage.lvm.PoolAlarm;
import org.novabridge.driver.storage.lvm.PoolForecast;

/** A real server on a real socket, with an instance service that only remembers what it was asked. */
public final class TestBridge implements AutoCloseable {
    public static final String UUID = "11111111-2222-3333-4444-555555555555";

    /** Soon, so that who has gone is noticed soon. */
    private static final Duration KEEP_ALIVE = Duration.ofMillis(100);

    private final Path folder;
    private final BridgeApplication application;
    private final BridgeServer server;

    /** Every call on the instance service as {@code method(arguments)}. */
    public final List<String> calls = new CopyOnWriteArrayList<>();

    /** The hashes of what was asked with a key. */
    public final List<String> hashes = new CopyOnWriteArrayList<>();

    public final EventFeed events = new EventFeed(Clock.systemUTC());
    public final Map<String, Operation> kept = new ConcurrentHashMap<>();
    public final List<Consumer<Operation>> listeners = new CopyOnWriteArrayList<>();
    /** What the instance service throws instead of answering; null for nothing. */
    public volatile @Nullable RuntimeException failure;
    /** The operation that any change answers with. */
    public volatile Operation outcome = operation("op-1", Operation.State.PENDING, null);
    /** The last document given as a spec. */
    public volatile String lastSpec = "";
    /** What the queries of the instance service answer, by method name. */
    public final Map<String, Object> answers = new ConcurrentHashMap<>();

    public final TransferService transfers = mock(TransferService.class);
    /** How specs are read; unless a test wants more, only for their uuid. */
    volatile SpecReader specs = this::spec;

    public TestBridge() throws IOException {
        this(PeerRoles.of(System.getProperty("user.name"), "nova"));
    }

    TestBridge(PeerRoles roles) throws IOException {
        this(roles, 60_000);
    }

    TestBridge(PeerRoles roles, long answerMillis) throws IOException {
        folder = Files.createTempDirectory("nb");
        Operations operations = mock(Operations.class);
        when(operations.list()).thenAnswer(call -> List.copyOf(kept.values()));
        when(operations.get(anyString())).thenAnswer(call -> known(call.getArgument(0)));
        when(operations.cancel(any(), anyString())).thenAnswer(call -> {
            calls.add("cancel(" + call.getArgument(1) + ")");
            return known(call.getArgument(1));
        });
        when(operations.onChange(ArgumentMatchers.<Consumer<Operation>>any())).thenAnswer(call -> {
            Consumer<Operation> listener = call.getArgument(0);
            listeners.add(listener);
            return (org.novabridge.driver.compute.Subscription) () -> listeners.remove(listener);
        });
        application = new BridgeApplication(json -> specs.read(json));
        server = new BridgeServer(folder.resolve("s"), "nova", roles, application, answerMillis);
        application.answerFrom(service(operations), transfers, new EventStreams(events, KEEP_ALIVE), new Control());
        server.start();
    }

    public Path socket() {
        return server.socket();
    }

    /** Puts the operation where it is found, and tells the listeners. */
    public void set(Operation operation) {
        kept.put(operation.id(), operation);
        listeners.forEach(listener -> listener.accept(operation));
    }

    public static Operation operation(String id, Operation.State state, @Nullable Problem problem) {
        return new Operation(
                id,
                Operation.Kind.CREATE,
                UUID,
                new Caller(Caller.Role.OPERATOR, 0, "root"),
                state,
                "convert image",
                50,
                Instant.EPOCH,
                Instant.EPOCH,
                Map.of("updates", Map.of("root_device_name", "/dev/vda")),
                problem);
    }

    private Operation known(String id) {
        Operation operation = kept.get(id);
        if (operation == null) {
            throw new BridgeException(ErrorCode.OPERATION_NOT_FOUND, "there is no such operation");
        }
        return operation;
    }

    private InstanceSpec spec(byte[] json) {
        String text = new String(json, StandardCharsets.UTF_8);
        if (!text.contains(UUID)) {
            throw new BridgeException(ErrorCode.INVALID_REQUEST, "instance.uuid: missing");
        }
        lastSpec = text;
        org.novabridge.driver.model.Instance instance = mock(org.novabridge.driver.model.Instance.class);
        when(instance.uuid()).thenReturn(UUID);
        when(instance.kernelId()).thenReturn(text.contains("k-2") ? "k-2" : null);
        InstanceSpec spec = mock(InstanceSpec.class);
        when(spec.instance()).thenReturn(instance);
        return spec;
    }

    private InstanceService service(Operations operations) {
        return (InstanceService) Proxy.newProxyInstance(
                InstanceService.class.getClassLoader(),
                new Class<?>[] {InstanceService.class},
                (self, method, given) -> {
                    Object[] arguments = given == null ? new Object[0] : given;
                    if (method.getName().equals("operations")) {
                        return operations;
                    }
                    calls.add(method.getName() + describe(arguments));
                    RuntimeException failing = failure;
                    if (failing != null) {
                        throw failing;
                    }
                    if (method.getReturnType() == void.class) {
                        return null;
                    }
                    if (method.getReturnType() == Operation.class) {
                        Operation accepted = outcome;
                        kept.put(accepted.id(), accepted);
                        return accepted;
                    }
                    Object answer = answers.get(method.getName());
                    if (answer == null) {
                        throw new BridgeException(
                                ErrorCode.INSTANCE_NOT_FOUND, "no such instance", "list the instances");
                    }
                    return answer;
                });
    }

    private String describe(Object[] arguments) {
        List<String> texts = new ArrayList<>();
        for (Object argument : arguments) {
            if (argument instanceof Caller caller) {
                texts.add(caller.role().toString());
            } else if (argument instanceof InstanceSpec) {
                texts.add("SPEC");
            } else if (argument instanceof DiskKey key) {
                // Only what the test itself has sent; nothing else here has a text for it.
                texts.add("KEY " + new String(key.passphrase(), StandardCharsets.US_ASCII));
            } else if (argument instanceof GuestPassword password) {
                texts.add("PASSWORD " + new String(password.utf8(), StandardCharsets.UTF_8));
            } else if (argument instanceof org.novabridge.driver.compute.RequestKey key) {
                hashes.add(String.valueOf(key.requestHash()));
                texts.add("key=" + key.key());
            } else {
                texts.add(String.valueOf(argument));
            }
        }
        return texts.toString().replace('[', '(').replace(']', ')');
    }

    @Override
    public void close() {
        server.close();
        application.close();
        try {
            Files.deleteIfExists(folder);
        } catch (IOException e) {
            throw new IllegalStateException(
                    "left behind: " + Arrays.toString(folder.toFile().list()), e);
        }
    }

    private final class Control implements BridgeControl {
        @Override
        public List<Setting> configuration() {
            return List.of(new Setting("[libvirt]virt_type", "qemu", "nova.conf:3"));
        }

        @Override
        public Reload reload() {
            calls.add("reload()");
            return new Reload(List.of("[libvirt]disk_cachemodes"), List.of(), List.of());
        }

        @Override
        public Map<String, Object> plannedUpdates(InstanceSpec spec, boolean rebuild) {
            if (rebuild && spec.instance().kernelId() != null) {
                throw new BridgeException(
                        ErrorCode.IMAGE_NOT_FOUND,
                        "kernel " + spec.instance().kernelId() + " is not in the cache of this host");
            }
            if (rebuild) {
                throw new BridgeException(ErrorCode.STORAGE_FULL, "no room for the base of the new image");
            }
            return Map.of("root_device_name", "/dev/vda");
        }

        @Override
        public List<LiveDisplay> consoles(String uuid) {
            return List.of(new LiveDisplay("vnc", 5900, "127.0.0.1"), new LiveDisplay("serial", 10000, "127.0.0.1"));
        }

        @Override
        public GuestStatistics statistics(String uuid) {
            return new GuestStatistics(
                    1024,
                    Map.of("swap_in", 3L),
                    List.of(new ProcessorTime(0, 17)),
                    List.of(new DiskTraffic("vda", 1, 512, 2, 1024)),
                    List.of(new PortTraffic("tap1", 1, 2, 3, 4, 5, 6, 7, 8)));
        }

        @Override
        public List<DiskAnswer> disks(String uuid) {
            calls.add("disks(" + uuid + ")");
            return List.of(new DiskAnswer(
                    "disk", "root", "vda", "virtio", "none", "native", null, "qcow2", 1L << 30, "file", "/i/disk",
                    true));
        }

        @Override
        public List<VolumeAnswer> volumes(String uuid) {
            return List.of(new VolumeAnswer("v-1", "/dev/vdb", "virtio", "file", "/mnt/v-1"));
        }

        @Override
        public Object hostFacts() {
            return Map.of("arch", "x86_64");
        }

        @Override
        public HostResources resources() {
            return new HostResources(
                    "lvm-thin",
                    new DiskInventory(100, 4, 1.5, 1, 100, 1, 7, 93),
                    List.of(
                            new StorageSpace(
                                    StorageSpace.Kind.THIN_POOL,
                                    "nova/nova-pool",
                                    107374182400L,
                                    7,
                                    93,
                                    536870912L,
                                    0L),
                            new StorageSpace(StorageSpace.Kind.FILE_SYSTEM, "/i", 1024, 512, 500, null, null)));
        }

        @Override
        public HostNode node() {
            return new HostNode(
                    "host.example.org",
                    "QEMU",
                    7_002_022,
                    4,
                    3,
                    7890,
                    1234,
                    new HostCapabilities.Cpu(
                            "x86_64", "EPYC", "AMD", new HostCapabilities.Topology(1, 1, 2, 2), List.of("ht")),
                    List.of("avx", "ht"),
                    List.of("virtio"),
                    List.of(List.of("x86_64", "kvm", "hvm")));
        }

        @Override
        public HostCpuTimes cpuTimes() {
            return new HostCpuTimes(11, 22, 33, 44, 2400);
        }

        @Override
        public HostReport reconcileReport(List<String> remove) {
            calls.add("reconcileReport" + remove);
            RuntimeException failing = failure;
            if (failing != null) {
                throw failing;
            }
            return new HostReport(
                    Instant.EPOCH,
                    Map.of("volumes", 7),
                    List.of(new Leftover(
                            Leftover.Kind.VOLUME_UNKNOWN,
                            UUID + "_disk",
                            UUID,
                            "nothing knows it",
                            "remove it",
                            true)));
        }

        @Override
        public void handed(String uuid, OutsideSpec spec) {
            calls.add("handed" + describe(new Object[] {uuid, spec}));
        }

        @Override
        public void undone(String uuid, OutsideDevice.Kind kind, String id) {
            calls.add("undone" + describe(new Object[] {uuid, kind, id}));
        }

        @Override
        public OutsideDevices.Report outside() {
            return new OutsideDevices.Report(
                    List.of(new OutsideDevices.Left(
                            UUID,
                            new OutsideDevice(
                                    OutsideDevice.Kind.PORT, "p-1", Map.of("id", "p-1"), "2026-01-02T03:04:05Z"))),
                    List.of("99999999-2222-3333-4444-555555555555"));
        }

        @Override
        public List<CacheEntry> images() {
            return List.of(new CacheEntry(
                    new CachedImage("i-1", Path.of("/i/_base/abc"), "raw", 1024),
                    Instant.parse("2026-01-02T03:04:05Z")));
        }

        @Override
        public Operation cacheImage(Caller caller, ImageSpec image, RequestKey key) {
            calls.add("cacheImage"
                    + describe(new Object[] {caller, image.imageMeta().id(), image.imageFile(), key}));
            kept.put(outcome.id(), outcome);
            return outcome;
        }

        @Override
        public Operation reconcile(Caller caller, List<String> remove, RequestKey key) {
            calls.add("reconcile" + describe(new Object[] {caller, remove, key}));
            kept.put(outcome.id(), outcome);
            return outcome;
        }

        @Override
        public List<PoolForecast> pools() {
            return List.of(new PoolForecast(
                    "nova-pool",
                    "2026-01-02T03:04:05Z",
                    new PoolForecast.Part(4096, 1024, 25.0, 512L, 21600L, PoolAlarm.Level.OK),
                    new PoolForecast.Part(1024, 900, 87.9, null, null, PoolAlarm.Level.WARNING)));
        }

        @Override
        public List<Explanation> explain(InstanceSpec spec, @Nullable String disk, @Nullable String attribute) {
            return List.of(new Explanation(
                    disk == null ? "vda" : disk,
                    attribute == null ? "cache" : attribute,
                    "none",
                    "CacheModeRule",
                    "nova.conf:4",
                    "written in disk_cachemodes",
                    "writeback"));
        }
    }
}
