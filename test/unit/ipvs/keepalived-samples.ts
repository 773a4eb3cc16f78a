/** Configurations as operators have them, for the tests of what reads and edits keepalived.conf. */

/** VRRP with a password, one NAT service by hand-made style: tabs, comments at the end of lines. */
export const natPair = `! Configuration File for keepalived
global_defs {
	router_id lb1 # not the host name
	notification_email {
		ops@example.com
	}
}

vrrp_instance VI_1 {
	state MASTER
	interface eth0
	virtual_router_id 51
	priority 100
	authentication {
		auth_type PASS
		auth_pass s3cr3tpw
	}
	virtual_ipaddress {
		192.168.122.100/24 dev eth0
	}
}

virtual_server 192.168.122.100 80 {
	delay_loop 6   # seconds
	lb_algo rr
	lb_kind NAT
	protocol TCP

	real_server 10.10.10.10 80 {
		weight 1   # the old machine
		HTTP_GET {
			url {
				path /
				status_code 200
			}
			connect_timeout 3
		}
	}
	# rs2 is in the other rack
	real_server 10.10.10.20 80 {
		weight 1
		HTTP_GET {
			url {
				path /
				status_code 200
			}
			connect_timeout 3
		}
	}
	real_server 10.10.10.30 80 {
		weight 1
		HTTP_GET {
			url {
				path /
				status_code 200
			}
			connect_timeout 3
		}
	}
}
`;

/** Other words for the same, braces on their own lines, a sorry server, inhibited real servers. */
export const direct = `virtual_server 192.168.122.100 80
{
    lvs_sched wlc
    lvs_method DR
    persistence_timeout 300
    protocol TCP
    sorry_server 127.0.0.1 8080
    quorum 2
    inhibit_on_failure
    real_server 10.10.10.10 80
    {
        weight 5
        uthreshold 100
        TCP_CHECK { connect_timeout 2 }
    }
    real_server 10.10.10.20 80 { weight 5 }
    real_server 10.10.10.30 80 {
        MISC_CHECK {
            misc_path "/usr/local/bin/load-of 10.10.10.30 {cpu}"
            misc_dynamic
        }
    }
}
`;

/** Groups, firewall marks, UDP, variables, conditions, includes. */
export const large = String.raw`include conf.d/*.conf
$VIP6=2001:db8::100
$CHECK = TCP_CHECK { \
   connect_timeout 2 \
   }

virtual_server_group edge {
    192.168.122.100 80
    192.168.122.110-112 8080
    fwmark 9
}
virtual_server group edge {
    lb_algo wrr
    lb_kind TUN
    protocol TCP
    real_server 10.10.10.10 80 {
        $CHECK
    }
}
virtual_server fwmark 7 {
    lb_algo sh
    sh-port
    lb_kind DR
    real_server 10.10.10.10 {
        weight 2
    }
}
virtual_server 192.168.122.100 53 {
    ops
    lb_algo rr
    lb_kind NAT
    protocol UDP
    @lb1 persistence_timeout 60
    real_server 10.10.10.10 53 {
        weight 1
    }
}
virtual_server 2001:DB8:0::100 80 {
    lb_algo rr
    lb_kind NAT
    protocol TCP
    real_server 2001:db8::10 80 {
    }
}
`;
